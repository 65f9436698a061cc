# What people read of a run, in English.
#
# This file says which messages there are, and what stands in them; files of other languages have the same. A message is one line, or one
# line for each of its forms. Numbers of things choose the form: one, few, many, other, as the language has them.

## Numbers and dates

number-decimal = .
number-group = ,
number-percent = { $number } %
date-day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }

## Words of all pages

quoted = “{ $name }”
list-last = { $first } and { $last }
value-range = { $value } ({ $low } to { $high })
yes = yes
no = no
not-known = Not known: { $reason }.
not-known-yet = Not known yet: { $reason }.
left-out = { $rows ->
    [one] { $rows } row more is in { $table }.parquet.
   *[other] { $rows } rows more are in { $table }.parquet.
}
unit-many = { $unit ->
    [account] accounts
   *[customer] customers
}
customers-counted = { $customers } { $unit ->
    [account] accounts
   *[customer] customers
}
page-skip = Skip to the content
page-sections = Sections
fact-as-of = As of
fact-segmentations = Segmentations
fact-run = Run
fact-compared-with = Compared with run
fact-by-model-of = By the model of run
footer-made = Made by segmenter { $version } from tables in which no row is of a single person. Levels and segments of fewer than { $fewest } { $unit ->
    [account] accounts
   *[customer] customers
} have no figures here.
footer-same = The same job on the same input gives the same page, byte by byte. It needs no network and sends nothing.

## The head

top-title = { $job }: customer segments as of { $day }
top-heading = Customer segments of { $job }
top-lead = { $customers } { $unit ->
    [account] accounts
   *[customer] customers
} were divided in { $ways ->
    [one] { $ways } way
   *[other] { $ways } ways
}: { $names }. Nothing that happened on or after { $day } was looked at to make the segments.
top-way = { $name } ({ $segments ->
    [one] { $segments } segment
   *[other] { $segments } segments
})
top-largest = the largest segment of { $name } is { $segment } with { $share }

## Can it be relied on?

trust-title = Can it be relied on?
rows-title = What became of the rows
rows-all = All { $rows ->
    [one] { $rows } row that was read
   *[other] { $rows } rows that were read
} were used.
rows-finding = Of { $rows ->
    [one] { $rows } row that was read
   *[other] { $rows } rows that were read
}, { $share } were used. The most frequent reason why a row was not is “{ $fate }” ({ $lost ->
    [one] { $lost } row
   *[other] { $lost } rows
}).
rows-told = { $share } of { $read } used
rows-table = Rows of each source by what became of them
rows-picture = Rows that were used
rows-caption = The filled part of a bar is the share of the source's rows that was used.
rejected-table = Why rows were quarantined
fate-used = used
fate-filtered = filtered
fate-anonymous = anonymous
fate-not-before-as-of = not before as_of
fate-of-unknown-customers = of unknown customers
fate-excluded = excluded
fate-duplicate = duplicate
fate-quarantined = quarantined
rejected-not-a-bool = not a bool
rejected-not-an-id = not an id
rejected-not-an-integer = not an integer
rejected-not-a-number = not a number
rejected-not-a-decimal = not a decimal
rejected-too-many-decimals = too many decimals
rejected-not-a-date = not a date
rejected-not-a-timestamp = not a timestamp
rejected-other-day-month-order = other day month order
rejected-serial-date = serial date
rejected-epoch-number = epoch number
rejected-unknown-zone = unknown zone
rejected-repeated-key = repeated key
rejected-not-parameters = not parameters
rejected-out-of-range = out of range
checks-title = What was checked
checks-none = { $checks ->
    [one] { $checks } check was made, and none went beyond its limit.
   *[other] { $checks } checks were made, and none went beyond its limit.
}
checks-some = { $checks ->
    [one] { $checks } check was made; { $found } of them found something to look at.
   *[other] { $checks } checks were made; { $found } of them found something to look at.
}
checks-table = Checks that found something
check-freshness-hours = freshness hours
check-rows-used = rows used
check-rows-min = rows min
check-quarantined-share = quarantined share
check-anonymous-share = anonymous share
check-duplicate-share = duplicate share
check-unknown-customer-share = unknown customer share
check-filtered-share = filtered share
check-excluded-share = excluded share
check-not-before-as-of-share = not before as of share
check-null-share = null share
check-where-null-share = where null share
check-where-failed-share = where failed share
check-unreadable-share = unreadable share
check-key-null-share = key null share
check-duplicate-differs-share = duplicate differs share
check-duplicate-replaced-share = duplicate replaced share
check-duplicate-undecided-share = duplicate undecided share
check-order-of-several-share = order of several share
check-equal-row-share = equal row share
check-exclude-null-share = exclude null share
check-unmatched-share = unmatched share
check-matched-trimmed-share = matched trimmed share
check-no-id-share = no id share
check-unsure-pair-share = unsure pair share
check-undecided-pair-share = undecided pair share
check-pair-of-one-id-share = pair of one id share
check-too-many-ids-share = too many ids share
check-kept-apart-share = kept apart share
check-check-failed-share = check failed share
check-check-undecided-share = check undecided share
check-reachable-share = reachable share
check-unknown-product-share = unknown product share
check-negative-quantity-share = negative quantity share
check-attribute-differs-share = attribute differs share
check-other-word-share = other word share
check-midnight-share = midnight share
check-unseen-in-id-share = unseen in id share
check-word-for-null-share = word for null share
check-rounded-id-share = rounded id share
check-zeros-in-id-share = zeros in id share
check-other-day-month-order-share = other day month order share
check-serial-date-share = serial date share
check-epoch-number-share = epoch number share
check-before-1900-share = before 1900 share
check-dominant-customer-share = dominant customer share
check-overflow-share = overflow share
check-filter-null-share = filter null share
check-imputed-share = imputed share
check-scope-null-share = scope null share
check-scope-failed-share = scope failed share
check-value-null-share = value null share
check-value-failed-share = value failed share
check-when-null-share = when null share
check-when-failed-share = when failed share
check-no-level-share = no level share
check-beyond-cuts-share = beyond cuts share
check-beyond-scale-share = beyond scale share
action-ok = ok
action-warn = warn
action-stop = stop
fresh-days = The newest row of { $source } that was used is { $age } days older than the day of the run.
fresh-hours = The newest row of { $source } that was used is { $age } hours older than the day of the run.
drift-title = Against the run before
drift-none = No feature is spread much otherwise than in the run before: { $feature }, which changed most, did so { $moved }.
drift-far = Customers are spread otherwise than in the run before by { $features }.
drift-moved-a-lot = a lot
drift-moved-somewhat = somewhat
drift-moved-hardly = hardly
drift-picture = Features that drifted most
drift-caption = Population stability index: below 0.1 is hardly a change, above 0.25 is worth a look.
drift-table = How far each feature drifted
drift-moved-share = { $share } of those in both runs are in another segment of { $segmentation }.
drift-agree = The divisions agree by { $index } (1: the same, 0: as by chance).

## Are the segments any good?

verdict-title = Are the segments any good?
verdict-lead = What is said of the time before the day of the run describes the segments by the rows that made them; only what is said of the time after it tests them.
verdict-none = Nothing here is clearly for or against it.
verdict-finding = { $good ->
    [one] { $good } finding speaks
   *[other] { $good } findings speak
} for it (✓), { $bad ->
    [one] { $bad } speaks
   *[other] { $bad } speak
} against it (!).
verdict-segment = ({ $key } is { $segment }.)
verdict-not-known = What is not known: { $reasons }.

## Segments

segmentation-title = Segments by { $name }
method-rfm = By how long ago, how often and for how much they bought: scores from 1 to 5, and groups of scores.
method-overlapping-rules = By rules that somebody wrote; whoever meets several is in several segments.
method-rules = By rules that somebody wrote; the first that holds counts.
method-kmeans = Groups that were found: in each are those who are most alike in the features that were given.
method-bisecting = Groups that were found by dividing the least alike in two, again and again.
method-mixture = Groups that were found; a probability says how sure it is who belongs where.
method-tiers = By the size of one number: the first tier has the largest.
segment-other = other
segment-no-purchases = no purchases
segment-out-of-scope = out of scope
segment-no-tier = no tier
segment-about-to-sleep = about to sleep
segment-at-risk = at risk
segment-cant-lose = cant lose
segment-champions = champions
segment-hibernating = hibernating
segment-loyal = loyal
segment-need-attention = need attention
segment-new = new
segment-potential-loyalist = potential loyalist
segment-promising = promising
sizes-title = How large the segments are
sizes-finding = The largest segment is { $largest } with { $most } of all { $unit ->
    [account] accounts
   *[customer] customers
}, the smallest { $smallest } with { $least }.
sizes-only = The only segment is { $segment } with { $share } of all { $unit ->
    [account] accounts
   *[customer] customers
}.
sizes-none = No { $unit ->
    [account] accounts
   *[customer] customers
} are in any segment by name.
sizes-overlap = Segments overlap: one can be in several, so that shares add up to more than all.
sizes-empty = { $segments ->
    [one] { $segments } segment has nobody in it
   *[other] { $segments } segments have nobody in them
}: { $names }.
sizes-table = Size of each segment
sizes-picture = { $many } in each segment
who-title = Who they are
who-finding = What sets each segment apart from all, what is furthest from them first; numbers are means, with that of all in brackets.
who-average = Their means are close to those of all. A few large values can pull a mean; where most of them are is told below.
heat-title = What sets the segments apart
heat-finding = The segments differ most in { $features }: in brackets, how much of the differences between { $unit ->
    [account] accounts
   *[customer] customers
} lies between segments.
heat-table = Mean of each feature in each segment, beside that of all; shares of texts, true and false
heat-arrows = Arrows and colours say how far a segment is from all: ↗ and ↘ a quarter of a standard deviation, ↑ and ↓ a half, ↑↑ and ↓↓ a whole one and more.
heat-more = { $features } features and levels in which the segments differ less are in profiles.parquet.
strips-title = How alike they are within a segment
strips-finding = Means hide how different those in a segment are from each other: a bar holds the middle half of them, and the ring is the middle one. Where bars overlap, the segments do too.
strips-description = { $feature }: the middle half of { $highest } lies between { $highest-from } and { $highest-to }, that of { $lowest } between { $lowest-from } and { $lowest-to }.
strips-table = Quartiles of { $feature }
strips-told = { $low } to { $high }, half up to { $half }
strips-caption = The dashed line is the mean of all.
worth-title = What they brought so far
worth-title-without-revenue = What they did so far
worth-finding = { $segment } are { $share } of all { $unit ->
    [account] accounts
   *[customer] customers
} and brought { $revenue } of the revenue before the day of the run.
worth-overlap = Segments overlap: what several brought is counted for each, and shares are of the sum over the segments.
worth-table = What { $unit ->
    [account] accounts
   *[customer] customers
} of each segment did before the day of the run
worth-picture = Share of { $unit ->
    [account] accounts
   *[customer] customers
} and of revenue
worth-of-customers = { $share } of { $unit ->
    [account] accounts
   *[customer] customers
}
worth-of-revenue = { $share } of revenue
worth-caption = The segments were made from the same time, so this describes them; it does not say what they will do.
outcomes-title = What they did afterwards
outcomes-window = From { $from } until the day before { $to }: time that nothing that made the segments saw, so it tests them.
outcomes-some-window = Time that nothing that made the segments saw, so it tests them.
outcomes-highest = { $metric }: highest in { $segment } ({ $figures }).
outcomes-between = , between { $low } and { $high } with { $level } confidence
outcomes-rest = ; all others { $value }
outcomes-differ = { $differ ->
    [0] No segment differs from the others by more than chance explains.
    [one] One of { $segments } segments differs from the others by more than chance explains.
   *[other] { $differ } of { $segments } segments differ from the others by more than chance explains.
}
outcomes-table = { $metric } of each segment after the day of the run
outcomes-caption = The line through a point is how far the value may be off; the dashed line is the value of all in scope.
experiments-title = What experiments found
experiments-finding = What arms did beside their control, over everybody and then in each segment.
experiments-table = Experiments by segment
experiments-picture = { $experiment }, { $arm } beside { $control }: { $word } in { $metric }
experiments-caption = The dashed line is no difference; an interval that crosses it may be chance.
compared-effect = effect
compared-difference = difference
compared-difference-among-buyers = difference among buyers
curves-title = { $basis ->
    [outcome] When they buy
   *[in_sample] When they buy again
}
curves-fastest = Of { $segment } half buy within { $days } days of { $basis ->
    [outcome] the day of the run
   *[in_sample] one order
}, faster than of any other segment.
curves-none = Of no segment do half buy within the time that is known, counted from { $basis ->
    [outcome] the day of the run
   *[in_sample] one order
}.
curves-table = Share that buys within so many days of { $basis ->
    [outcome] the day of the run
   *[in_sample] one order
}
curves-within = within { $days } days
curves-below = days from { $basis ->
    [outcome] the day of the run
   *[in_sample] one order
}
curves-largest = The { $segments } largest segments; the others are in the table.
channels-title = By which channel they answer
channels-best = They answer most: { $channels }.
channels-best-of = { $segment } by { $channel } ({ $rate })
offers-title = What they do with offers
campaigns-title = What campaigns bring
contacts-title = How many messages they get, and when they answer
benefits-title = What they get
messages-table = { $title }, by segment, { $basis ->
    [outcome] after the day of the run
   *[in_sample] before the day of the run
}
messages-finding = As it was { $basis ->
    [outcome] after the day of the run
   *[in_sample] before the day of the run
}.
contact-contacts = contacts
contact-over-cap = over_cap
contact-weekday = weekday
contact-hour = hour
contact-Monday = Monday
contact-Tuesday = Tuesday
contact-Wednesday = Wednesday
contact-Thursday = Thursday
contact-Friday = Friday
contact-Saturday = Saturday
contact-Sunday = Sunday
migration-title = Who moved since the run before
migration-came = not there before
migration-left = not there any more
migration-none = No { $unit ->
    [account] accounts
   *[customer] customers
} were in both runs.
migration-moved = { $share } of the { $unit ->
    [account] accounts
   *[customer] customers
} in both runs moved to another segment.
migration-most = Most of one kind, { $customers }, went from { $from } to { $to }.
migration-table = Who was where, and is where
migration-picture = From the run before to this one
migration-caption = On the left where they were, on the right where they are; the darker bands moved. Ways of fewer than { $fewest } are left out.
migration-left-out = { $ways ->
    [one] { $ways } way that fewer went is
   *[other] { $ways } ways that fewer went are
} not in the table.
change-stayed = stayed
change-moved = moved
change-joined = joined
change-left = left
rules-title = How to tell them apart
rules-finding = Who is in which segment shows most in { $features }.
rules-drivers-table = How well each feature tells the segments apart
rules-drivers-picture = Features that tell the segments apart
rules-drivers-caption = 1: the feature alone says who is in which segment; 0: it says nothing. What chance gives is taken off.
rules-table = The segments as a few rules, and how well they give them back
rules-fidelity = The rules below put { $share } of all { $unit ->
    [account] accounts
   *[customer] customers
} into the segment they are in.
association-eta-squared = eta squared
association-cramers-v = cramers v
evidence-title = Why so many groups
evidence-groups = There are { $groups } groups.
evidence-chosen = chosen
evidence-picture = { $index } by number of groups
evidence-description = { $index } by number of groups ({ $reading }); { $value } for the { $groups } that were chosen.
evidence-stable-unchanged = { $segment } comes back almost unchanged when customers are drawn again ({ $index } of 1).
evidence-stable-mostly = { $segment } comes back for the most part when customers are drawn again ({ $index } of 1).
evidence-stable-in-outline = { $segment } comes back in outline only when customers are drawn again ({ $index } of 1).
evidence-stable-hardly = { $segment } does not come back reliably when customers are drawn again ({ $index } of 1).
index-calinski-harabasz = Calinski–Harabasz index
index-silhouette = Silhouette
index-jaccard = Jaccard
index-bic = BIC
reading-calinski-harabasz = higher: groups are tighter and further apart
reading-silhouette = 1: groups are far apart, 0: they touch
reading-jaccard = 1: groups come back exactly when customers are drawn again
reading-bic = lower: the groups explain more for what they need

## What is known over all segments

personas-title = Personas
personas-lead = Each claim is counted, and stands beside the same figure of all; nobody is exactly like that.
value-title = Can the forecasts of value be relied on?
value-lead = The model was fitted on the time before a window that was held back, and its forecasts of the window were compared with what came to pass.
value-finding = Over all, { $forecast } was forecast for each and { $came } came{ $side ->
    [low] : { $share } too low on the whole
    [high] : { $share } too high on the whole
   *[none] {""}
}.
value-no-figures = there are no figures
value-tenth = tenth { $tenth } of 10
value-forecast = forecast { $value }
value-came = came { $value }
value-table = { $feature } and what came
value-picture = { $feature }, forecast and come
value-caption = From the tenth with the smallest forecasts to that with the largest.
cohorts-title = Who comes back
cohorts-finding = Of { $unit ->
    [account] accounts
   *[customer] customers
} who order for the first time, { $first } order again in the month after.
cohorts-finding-later = Of { $unit ->
    [account] accounts
   *[customer] customers
} who order for the first time, { $first } order again in the month after, { $later } in the { $month ->
    [3] 3rd
   *[other] { $month }th
} month.
cohorts-table = Share of { $unit ->
    [account] accounts
   *[customer] customers
} with a purchase, by the month of their first order and months since then
cohorts-note = The newest { $months } months; all are in cohorts.parquet. Months that are not over are empty.
affinity-title = What goes together
affinity-finding = Who { $was } { $item } also bought { $then } { $lift } times as often as chance would give (between { $low } and { $high }).
affinity-times = { $lift } times
affinity-table = Pairs of { $name }, those of which most is known first
affinity-picture = Pairs of { $name } that are surest
affinity-caption = The dashed line is what chance would give.
computed-title = How it was computed
computed-finding = The page is made from the tables of the run alone. Intervals are at the level that the job asks for; differences are told for more than chance where, of all that are told so, one in twenty would be chance (q value below 0.05).
computed-table = Settings
computed-job = Job
computed-as-of = Day of the run (as_of)
computed-previous = Run before
computed-version = Version: { $name }
computed-source = Source { $name }
computed-segmentation = Segmentation { $name }
computed-start = { $name }: start
computed-stopped = { $name }: stopped
computed-job-file = The job file
computed-note = Every figure here is in a Parquet file beside this page; who is in which segment is in assignments/, and nowhere here.

## Two runs side by side

compared-title = { $job }: two runs compared
compared-heading = { $job }: { $now } beside { $before }
compared-lead = What is different in run { $now } from what it was in run { $before }.
compared-earlier = Earlier run
compared-later = Later run
compared-footer = Levels, segments and ways of fewer than { $fewest } { $unit ->
    [account] accounts
   *[customer] customers
} have no figures here.
compared-data = The data
compared-moved = Who moved
compared-rows = What was used
compared-rows-table = Rows of each source that were used
compared-none = none
compared-then = then { $share }
compared-now = now { $share }
compared-most = The share of { $segment } changed most: { $then } then, { $now } now.
compared-agree = The two divisions agree by { $index } (1: the same, 0: as by chance).
compared-sizes-table = Size of each segment then and now
compared-sizes-picture = Share of each segment then and now

## Heads of tables

head-action = so
head-all = all
head-all-others = all others
head-answer-rate = answer rate
head-answered = answered
head-arm = arm
head-benefit = Benefit
head-bought-with-it = bought with it
head-came = came
head-campaign = Campaign
head-change = change
head-changed = changed
head-channel = Channel
head-check = Check
head-chosen = chosen
head-column = Column
head-control = control
head-cost = cost
head-customers = customers
head-delivered = delivered
head-difference = difference
head-experiment = experiment
head-feature = Feature
head-first-order = First order
head-first-quartile = a quarter has up to
head-forecast = forecast
head-found = found
head-from = from
head-got-it = got it
head-got-something = got something
head-groups = Groups
head-half = half
head-half-within-days = half within days
head-holds-for = holds for
head-if = if
head-is = is
head-is-in = is in
head-is-input = given to the method
head-item = Item
head-key = Key
head-less-chance = less chance
head-level = Level
head-limit = limit
head-margin = margin
head-measure = Measure
head-measured-by = measure
head-metric = metric
head-now = now
head-of = of
head-of-those-with-item = of those with the item
head-precision = of whom it holds, so many are in it
head-profit = profit
head-promotion = Promotion
head-psi = population stability index
head-q-value = q value
head-rate = rate
head-reached = reached
head-read = read
head-reason = Reason
head-recall = of the segment, so many meet it
head-responded = responded
head-revenue = revenue
head-rows = Rows
head-segment = Segment
head-service = Service
head-share = share
head-share-now = of those read now
head-share-then = of those read then
head-source = Source
head-tenth = Tenth
head-then = then
head-then-item = then
head-third-quartile = three quarters
head-tier = Tier
head-times-chance = times as often as chance
head-to = to
head-unsubscribed = unsubscribed
head-used-now = used now
head-used-then = used then
head-value = value
head-was-in = Was in
head-what = What
head-what-sets-apart = what sets it apart
head-with-both = with both

## Metrics

metric-customers = customers
metric-active = active
metric-orders = orders
metric-revenue = revenue
metric-revenue-per-customer = revenue per customer
metric-average-order-value = average order value
metric-conversion = conversion
metric-repeat-rate = repeat rate
metric-retention = retention
metric-churn = churn

## Sentences of scorecard.parquet

scorecard-segments = { $segments ->
    [one] { $segments } segment has customers.
   *[other] { $segments } segments have customers.
}
scorecard-in-scope = { $share } of the customers are in scope.
scorecard-largest = The largest segment, { $segment }, has { $share } of the customers in scope; of { $segments } equal ones each would have { $equal }.
scorecard-smallest = The smallest segment, { $segment }, has { $share } of the customers in scope; of { $segments } equal ones each would have { $equal }.
scorecard-homogeneity = On average over { $features ->
    [one] { $features } feature
   *[other] { $features } features
}, { $share } of the differences between customers lie between segments; of random groups as large it would be { $random }.
scorecard-silhouette = The silhouette is { $value } (1: far apart, 0: touching); below { $limit } is taken for no substantial structure.
scorecard-closest-pair = The two most alike, { $first } and { $second }, differ most in { $feature }: by { $apart } standard deviations of all customers.
scorecard-stability = Where customers are drawn again, the least stable cluster, { $segment }, comes back by { $value } (1: exactly); above { $limit } is taken for stable, below 0.6 for unstable.
scorecard-stability-mean = Where customers are drawn again, clusters come back by { $value } on average (1: exactly); above { $limit } is taken for stable, below 0.6 for unstable.
scorecard-reachable = { $share } of the customers in segments can be reached by some channel.
scorecard-least-reachable = Of { $segment }, the segment that is hardest to reach, { $share } can.
scorecard-power-past = The segments{ $overlapping ->
    [yes] {" "}(everybody in the first that applies)
   *[no] {""}
} tell { $share } of the differences in what customers spent in the { NUMBER($days, useGrouping: "false") } days from as_of on (spending beyond the { $cap } mark counts as that); groups of the same sizes by what they spent in the { NUMBER($days, useGrouping: "false") } days before tell { $other }.
scorecard-power-random = The segments{ $overlapping ->
    [yes] {" "}(everybody in the first that applies)
   *[no] {""}
} tell { $share } of the differences in what customers spent in the { NUMBER($days, useGrouping: "false") } days from as_of on (spending beyond the { $cap } mark counts as that); random groups of the same sizes tell { $other }.
scorecard-verdict-more = They tell more than { $other ->
    [past] past spending alone
   *[chance] chance
} (difference { $low } to { $high }).
scorecard-verdict-less = They tell less than { $other ->
    [past] past spending alone
   *[chance] chance
} (difference { $low } to { $high }).
scorecard-verdict-unsure = Whether they tell more or less than { $other ->
    [past] past spending alone
   *[chance] chance
} cannot be said (difference { $low } to { $high }).

## Sentences of personas.parquet

persona-nothing = Nothing is claimed: { $reason }.
persona-size = { NUMBER($customers, useGrouping: "false") } customers, { $share } of all.
persona-value = They brought { $revenue } of the revenue before as_of and are { $share } of all customers: { $times } times their share.
persona-shares = { $share } of them, { $all } of all customers: { $times } times as many
persona-shares-beside-none = { $share } of them, { $all } of all customers
persona-at-most = { $feature } at most { $value }: { $shares }.
persona-above = { $feature } above { $value }: { $shares }.
persona-level = { $feature } is { $level }: { $shares }.
persona-typical = Typically { $feature } is about { $value } (of all customers { $all }).
persona-typical-alone = Typically { $feature } is about { $value }.

## Sentences of experiments.parquet

experiment-unknown = { $metric }: how { $arm } and { $control } differ is not known.
experiment-found = { $metric }: { $value } in { $arm }, { $beside } in { $control }; { $word } { $difference }{ $interval }.
experiment-interval = {" "}({ $low } to { $high }){ $chance ->
    [yes] , which chance alone may have made
   *[no] {""}
}
experiment-sizes = The sizes of the arms do not fit their shares: they may not be comparable.

## Why a fit stopped

fit-converged = converged
fit-inertia-no-longer-falls = inertia_no_longer_falls
fit-cap = cap

## Sentences that stand in tables and in run.json in English, whatever the language of the run: reasons and evidence
##
## They are known again by what stands between the variables, so each is as it is written there.

told-few-customers = fewer than { $count } customers
told-no-level = no level has { $count } customers of the persona
told-no-feature = no feature says it; add the preset "{ $preset }"
told-overlap = segments overlap, so that differences do not lie either between or within them
told-no-number = no feature is a number that differs between customers
told-between-clusters = distances are measured between clusters only
told-no-distances = this run measured no distances of clusters
told-two-segments = fewer than two segments have { $count } customers and a number to be compared
told-no-clusters = segments are not clusters: they follow from what the job says of each customer
told-not-drawn-again = this run drew no customers again to see which clusters come back
told-no-consents = the job has no source of kind consents
told-nobody-in-segments = no segment has customers
told-no-segment-of = no segment has { $count } customers
told-spent-the-same = all customers spent the same in the window, once what is beyond the cap counts as the cap
told-no-outcome = the job has no outcome window ([effectiveness] outcome = "90d")
told-no-transactions = the job has no source of kind transactions
told-few-segments = fewer than two segments have customers
told-few-in-scope = fewer than { $count } customers are in scope
told-window-ends = the window ends before { $end }, and the newest row is of { $newest }
told-window-without-times = the window ends before { $end }, and no row has a time
told-equal-forecasts = nobody: equal forecasts share a decile
told-no-forecasts = nobody of whom it is forecast and known what came to pass
told-or-more = { $count } or more
told-more-than = more than { $messages } in { $days } days
told-k-as-said = k = { $k }: as the job says
told-as-said = as the job says
told-k-best = k = { $k }: the best Calinski–Harabasz index, { $index }, { $among }; its mean bootstrap Jaccard is { $jaccard } and its smallest share { $share }
told-among-stable = among those with a mean bootstrap Jaccard of at least { $stable } and no share below { $share }
told-among-unstable = among those with no share below { $share }, of which none is stable
told-of-all = of all
told-smallest-bic = smallest BIC among those with no weight below { $share }
told-smallest-bic-of-all = smallest BIC of all
told-useless = no useful groups: { $doubts }; k = { $k } is what the job asks for and is written all the same
told-useless-range = no useful groups: { $doubts }; k = { $k } is the best of what the job asks for and is written all the same
told-useless-tree = no useful groups: { $doubts }; the { $groups } groups that were found are written all the same
told-useless-leaf = no useful groups: all customers are one, since { $why }
told-useless-component = no useful groups: one component describes the customers better (BIC { $one }) than { $k } (BIC { $other })
told-useless-weights = no useful groups: every number of components has one with a weight below { $share }
told-unstable = the clusters are unstable, with a mean bootstrap Jaccard of { $jaccard }, below { $stable }
told-none-stable = no number of clusters has a mean bootstrap Jaccard of at least { $stable } ({ $best })
told-none-stable-and-large = no number of clusters has both a mean bootstrap Jaccard of at least { $stable } ({ $best }) and no share below { $share }
told-none-stable-in-tree = no number of groups up to { $groups } has a mean bootstrap Jaccard of at least { $stable } (best { $jaccard } at { $k })
told-best-at = best { $jaccard } at k = { $k }
told-all-small = every number of clusters has one with a share below { $share }
told-enough-leaves = there are as many groups as were asked for
told-too-small = it has too few customers for two groups of the smallest size
told-side-too-small = its best split has a side below the smallest size
told-one-place = all its customers lie in one place
told-gap = the gap statistic prefers one cluster (gap { $one }) to { $k } (gap { $gap }, standard error { $error })

## Features of presets

feature-baskets = baskets
feature-basket-value-mean = basket value mean
feature-basket-value-median = basket value median
feature-basket-value-max = basket value max
feature-basket-lines-mean = basket lines mean
feature-basket-products-mean = basket products mean
feature-repeat-orders = repeat orders
feature-repeat-span-days = repeat span days
feature-purchase-age-days = purchase age days
feature-repeat-order-value = repeat order value
feature-probability-alive = probability alive
feature-expected-orders = expected orders
feature-expected-order-value = expected order value
feature-expected-value = expected value
feature-clv = clv
feature-past-spend = past spend
feature-past-spend-ratio = past spend ratio
feature-past-spend-decile = past spend decile
feature-is-declining = is declining
feature-age-band = age band
feature-generation = generation
feature-birthday-within = birthday within
feature-sex-level = sex level
feature-income-band = income band
feature-education-level = education level
feature-occupation-level = occupation level
feature-marital-level = marital level
feature-household-band = household band
feature-children-band = children band
feature-employees-band = employees band
feature-industry-level = industry level
feature-revenue-band = revenue band
feature-account-age-years = account age years
feature-account-country = account country
feature-account-subsidiaries = account subsidiaries
feature-account-contacts = account contacts
feature-deals-open = deals open
feature-deals-open-value = deals open value
feature-deals-won = deals won
feature-deals-lost = deals lost
feature-win-rate = win rate
feature-deals-won-value = deals won value
feature-deal-won-mean = deal won mean
feature-sales-cycle-days = sales cycle days
feature-gap-days-median = gap days median
feature-gap-days-mean = gap days mean
feature-gap-days-max = gap days max
feature-gap-days-stddev = gap days stddev
feature-order-days = order days
feature-geo-country = geo country
feature-geo-region = geo region
feature-geo-city = geo city
feature-geo-settlement = geo settlement
feature-geo-postal-area = geo postal area
feature-lifecycle = lifecycle
feature-lifecycle-days = lifecycle days
feature-loyalty-member = loyalty member
feature-loyalty-memberships = loyalty memberships
feature-loyalty-tier = loyalty tier
feature-loyalty-channel = loyalty channel
feature-loyalty-tenure-days = loyalty tenure days
feature-loyalty-balance = loyalty balance
feature-loyalty-earned = loyalty earned
feature-loyalty-burned = loyalty burned
feature-loyalty-expired = loyalty expired
feature-loyalty-burn-ratio = loyalty burn ratio
feature-loyalty-redemptions = loyalty redemptions
feature-loyalty-earned-days = loyalty earned days
feature-loyalty-redeemed-days = loyalty redeemed days
feature-loyalty-points-expiring = loyalty points expiring
feature-messages-sent = messages sent
feature-messages-delivered = messages delivered
feature-messages-opened = messages opened
feature-messages-clicked = messages clicked
feature-messages-converted = messages converted
feature-messages-bounced = messages bounced
feature-messages-complained = messages complained
feature-messages-unsubscribed = messages unsubscribed
feature-message-open-rate = message open rate
feature-message-click-rate = message click rate
feature-message-conversion-rate = message conversion rate
feature-message-bounce-rate = message bounce rate
feature-message-unsubscribe-rate = message unsubscribe rate
feature-message-last-days = message last days
feature-message-last-open-days = message last open days
feature-message-last-click-days = message last click days
feature-message-channel = message channel
feature-message-channel-responses = message channel responses
feature-message-channel-delivered = message channel delivered
feature-message-channel-rate = message channel rate
feature-message-channel-consent = message channel consent
feature-consented-channels = consented channels
feature-products-distinct = products distinct
feature-product-repeat-share = product repeat share
feature-product-top-share = product top share
feature-product-entropy = product entropy
feature-categories-distinct = categories distinct
feature-category-top = category top
feature-category-top-share = category top share
feature-category-top3-share = category top3 share
feature-category-entropy = category entropy
feature-promotion-share = promotion share
feature-promotion-value-share = promotion value share
feature-promotion-depth = promotion depth
feature-refund-rows = refund rows
feature-refund-row-share = refund row share
feature-refund-value-share = refund value share
feature-refund-last-days = refund last days
feature-due-in-days = due in days
feature-overdue-ratio = overdue ratio
feature-recency-days = recency days
feature-frequency = frequency
feature-monetary = monetary
feature-tenure-days = tenure days
feature-average-order-value = average order value
feature-favourite-weekday = favourite weekday
feature-favourite-hour = favourite hour
feature-weekend-share = weekend share
feature-morning-share = morning share
feature-afternoon-share = afternoon share
feature-evening-share = evening share
feature-night-share = night share
feature-weekday-entropy = weekday entropy
feature-channel-main = channel main
feature-channel-main-share = channel main share
feature-channels = channels
feature-channel-entropy = channel entropy
feature-channel-last = channel last
feature-feedback-count = feedback count
feature-feedback-last-days = feedback last days
feature-csat-last = csat last
feature-csat-mean = csat mean
feature-csat-count = csat count
feature-nps-last = nps last
feature-nps-group = nps group
feature-nps-count = nps count
feature-rating-mean = rating mean
feature-rating-count = rating count
feature-reviews = reviews
feature-complaints = complaints
feature-complaint-last-days = complaint last days
feature-season-share-q1 = season share q1
feature-season-share-q2 = season share q2
feature-season-share-q3 = season share q3
feature-season-share-q4 = season share q4
feature-season-concentration = season concentration
feature-season-peak-quarter = season peak quarter
feature-survey-questions = survey questions
feature-survey-answered = survey answered
feature-survey-coverage = survey coverage
feature-survey-declared-share = survey declared share
feature-survey-inferred-share = survey inferred share
feature-survey-scored = survey scored
feature-survey-score-mean = survey score mean
feature-survey-last-days = survey last days
feature-spend-recent = spend recent
feature-spend-before = spend before
feature-spend-ratio = spend ratio
feature-spend-slope = spend slope
feature-value-gross = value gross
feature-value-refunded = value refunded
feature-value-net = value net
feature-refund-share = refund share
feature-value-margin = value margin
feature-margin-rate = margin rate
feature-discount-rate = discount rate
feature-web-visits = web visits
feature-web-active-days = web active days
feature-web-last-days = web last days
feature-web-events = web events
feature-web-page-views = web page views
feature-web-pages = web pages
feature-web-views-per-visit = web views per visit
feature-web-engagement-seconds = web engagement seconds
feature-web-seconds-per-visit = web seconds per visit
feature-web-conversions = web conversions
feature-web-conversion-rate = web conversion rate
feature-web-value = web value
feature-web-device = web device
feature-web-mobile-share = web mobile share
feature-web-desktop-share = web desktop share
feature-web-tablet-share = web tablet share
feature-web-medium = web medium
feature-r-score = r score
feature-f-score = f score
feature-m-score = m score

## Names of clusters: what sets one apart. Features of presets, and those that are called like them, have words of their own

trait-average = average
trait-high = high { $feature }
trait-low = low { $feature }
trait-very-high = very high { $feature }
trait-very-low = very low { $feature }
trait-is = { $feature }
trait-is-not = not { $feature }
trait-has = with { $feature }
trait-has-not = without { $feature }
trait-level = { $feature } { $level }
trait-one = mostly one { $feature }
trait-rare = rare { $feature }
trait-unknown = unknown { $feature }
trait-channel-main = mostly { $level }
trait-channel-last = last through { $level }
trait-city = from { $level }
trait-region = from { $level }
trait-country = from { $level }
trait-geo-city = from { $level }
trait-geo-region = from { $level }
trait-geo-country = from { $level }
trait-age-band = aged { $level }
trait-generation = generation { $level }
trait-loyalty-tier = tier { $level }
trait-category-top = mostly { $level }
trait-web-device = on { $level }
trait-recency-days-low = bought recently
trait-recency-days-high = lapsed
trait-recency-days-very-high = long lapsed
trait-tenure-days-low = new customers
trait-tenure-days-high = long-standing customers
trait-frequency-low = occasional buyers
trait-frequency-high = frequent buyers
trait-frequency-very-high = very frequent buyers
trait-baskets-low = occasional buyers
trait-baskets-high = frequent buyers
trait-baskets-very-high = very frequent buyers
trait-order-days-low = occasional buyers
trait-order-days-high = frequent buyers
trait-order-days-very-high = very frequent buyers
trait-monetary-low = small spenders
trait-monetary-high = big spenders
trait-monetary-very-high = top spenders
trait-value-net-low = small spenders
trait-value-net-high = big spenders
trait-value-net-very-high = top spenders
trait-value-gross-low = small spenders
trait-value-gross-high = big spenders
trait-value-gross-very-high = top spenders
trait-average-order-value-low = small baskets
trait-average-order-value-high = large baskets
trait-average-order-value-very-high = very large baskets
trait-basket-value-mean-low = small baskets
trait-basket-value-mean-high = large baskets
trait-basket-value-mean-very-high = very large baskets
trait-basket-value-median-low = small baskets
trait-basket-value-median-high = large baskets
trait-basket-value-median-very-high = very large baskets
trait-basket-lines-mean-low = few items in a basket
trait-basket-lines-mean-high = many items in a basket
trait-basket-products-mean-low = few products in a basket
trait-basket-products-mean-high = many products in a basket
trait-promo-share-low = full-price buyers
trait-promo-share-high = promotion hunters
trait-promotion-share-low = full-price buyers
trait-promotion-share-high = promotion hunters
trait-promotion-value-share-low = full-price buyers
trait-promotion-value-share-high = promotion hunters
trait-discount-rate-low = small discounts
trait-discount-rate-high = deep discounts
trait-gift-share-low = buy for themselves
trait-gift-share-high = gift buyers
trait-store-share-low = seldom in the store
trait-store-share-high = store shoppers
trait-online-share-low = seldom online
trait-online-share-high = online shoppers
trait-weekend-share-low = weekday buyers
trait-weekend-share-high = weekend buyers
trait-morning-share-low = seldom in the morning
trait-morning-share-high = morning buyers
trait-afternoon-share-low = seldom in the afternoon
trait-afternoon-share-high = afternoon buyers
trait-evening-share-low = seldom in the evening
trait-evening-share-high = evening buyers
trait-night-share-low = seldom at night
trait-night-share-high = night buyers
trait-refund-share-low = hardly any returns
trait-refund-share-high = many returns
trait-refund-row-share-low = hardly any returns
trait-refund-row-share-high = many returns
trait-refund-value-share-low = hardly any returns
trait-refund-value-share-high = many returns
trait-margin-rate-low = low margin
trait-margin-rate-high = high margin
trait-gap-days-mean-low = buy at short intervals
trait-gap-days-mean-high = buy at long intervals
trait-gap-days-median-low = buy at short intervals
trait-gap-days-median-high = buy at long intervals
trait-products-distinct-low = few products
trait-products-distinct-high = many products
trait-categories-distinct-low = few categories
trait-categories-distinct-high = many categories
trait-product-repeat-share-low = always something new
trait-product-repeat-share-high = buy the same again
trait-spend-ratio-low = spend less than before
trait-spend-ratio-high = spend more than before
trait-spend-slope-low = spending falls
trait-spend-slope-high = spending grows
trait-overdue-ratio-low = not due yet
trait-overdue-ratio-high = overdue
trait-probability-alive-low = probably gone
trait-probability-alive-high = probably still customers
trait-clv-low = low expected value
trait-clv-high = high expected value
trait-clv-very-high = very high expected value
trait-message-open-rate-low = seldom open messages
trait-message-open-rate-high = open messages
trait-message-click-rate-low = seldom click in messages
trait-message-click-rate-high = click in messages
trait-web-visits-low = few visits to the site
trait-web-visits-high = many visits to the site
trait-web-conversion-rate-low = visits without a purchase
trait-web-conversion-rate-high = visits that end in a purchase
trait-age-low = younger
trait-age-high = older
trait-income-low = low income
trait-income-high = high income

## What a segment is like, in one feature each

fact-beside = { $fact } (all: { $all })
fact-number = { $feature } { $value }
fact-yes = { $share } { $feature }
fact-no = { $share } not { $feature }
fact-level = { $feature } { $level } { $share }
fact-one-frequency = 1 order
fact-one-baskets = 1 order
fact-one-order-days = bought on 1 day
fact-count-recency-days = last bought { $value } days ago
fact-count-tenure-days = customers for { $value } days
fact-count-frequency = { $value } orders
fact-count-baskets = { $value } orders
fact-count-order-days = bought on { $value } days
fact-money-monetary = { $value } in all
fact-money-value-net = { $value } in all
fact-money-value-gross = { $value } in all before returns
fact-money-average-order-value = { $value } an order
fact-money-basket-value-mean = { $value } an order
fact-money-basket-value-median = half of the orders above { $value }
fact-count-basket-lines-mean = { $value } items in a basket
fact-count-basket-products-mean = { $value } products in a basket
fact-share-promo-share = { $value } of purchases on promotion
fact-share-promotion-share = { $value } of purchases on promotion
fact-share-promotion-value-share = { $value } of spending on promotion
fact-share-discount-rate = { $value } off
fact-share-gift-share = { $value } gifts
fact-share-store-share = { $value } in the store
fact-share-online-share = { $value } online
fact-share-weekend-share = { $value } at weekends
fact-share-morning-share = { $value } in the morning
fact-share-afternoon-share = { $value } in the afternoon
fact-share-evening-share = { $value } in the evening
fact-share-night-share = { $value } at night
fact-share-refund-row-share = { $value } of what they bought came back
fact-share-refund-share = { $value } of what they spent came back
fact-share-refund-value-share = { $value } of what they spent came back
fact-share-margin-rate = { $value } margin
fact-count-gap-days-mean = buy every { $value } days
fact-count-gap-days-median = buy every { $value } days
fact-count-products-distinct = { $value } different products
fact-count-categories-distinct = { $value } categories
fact-share-product-repeat-share = { $value } of products bought again
fact-money-spend-recent = { $value } of late
fact-share-probability-alive = { $value } likely to buy again
fact-money-clv = { $value } expected value
fact-money-expected-value = { $value } expected to spend
fact-count-expected-orders = { $value } orders expected
fact-share-message-open-rate = open { $value } of messages
fact-share-message-click-rate = click in { $value } of messages
fact-count-web-visits = { $value } visits to the site
fact-share-web-conversion-rate = { $value } of visits end in a purchase

## The table at the end of a run

table-title = { $name } ({ $method }): { $customers } { $unit ->
    [account] accounts
   *[customer] customers
} in { $segments ->
    [one] { $segments } segment
   *[other] { $segments } segments
}
table-title-overlapping = { $name } ({ $method }): { $customers } { $unit ->
    [account] accounts
   *[customer] customers
} in { $segments ->
    [one] { $segments } segment
   *[other] { $segments } segments
} that overlap
table-segment = segment
table-name = name
table-share = share
table-apart = what sets it apart
table-average = close to the average
table-few = fewer than { $fewest } { $unit ->
    [account] accounts
   *[customer] customers
}
table-empty = { $segments ->
    [one] { $segments } segment has no
   *[other] { $segments } segments have no
} { $unit ->
    [account] accounts
   *[customer] customers
}
table-more = { $shown } and { $more } more
table-clustering = clustering

## The map of customers

map-title = A map of the customers
map-shows = The map shows { $share } of the differences between { $unit ->
    [account] accounts
   *[customer] customers
}.
map-axes = To the right lie { $unit ->
    [account] accounts
   *[customer] customers
} with { $right }, upwards those with { $up }.
map-high = high { $feature }
map-low = low { $feature }
map-yes = { $feature }
map-no = no { $feature }
map-known = { $feature } known
map-unknown = no { $feature } known
map-level = { $feature }: { $level }
map-not-level = not { $feature }: { $level }
map-together = { $left } and { $right } overlap most: { $share } of each lie where the other does.
map-all-apart = The segments that are drawn lie apart on it: less than { $share } of each lies where another does.
map-nowhere = { $names } cannot be drawn: nowhere on the map are { $fewest } of the segment together.
map-apart = { $names } { $segments ->
    [one] lies
   *[other] lie
} apart from all others on it.
map-caption = The same map once for each segment: the shade is where { $unit ->
    [account] accounts
   *[customer] customers
} of any segment are drawn, and the fuller a hexagon, the more of the segment lie there; its fullest one is filled. The lines cross at the mean of all. What lies apart here is apart; what overlaps here may still differ in what the map does not show.
map-hidden = { $customers } of { $of } { $unit ->
    [account] accounts
   *[customer] customers
} are not drawn: they lie in hexagons of fewer than { $fewest } of their segment.
map-beyond-across = { $customers } { $unit ->
    [account] accounts
   *[customer] customers
} lie farther to the left or right than the map reaches, and are drawn at its border.
map-beyond-upwards = { $customers } { $unit ->
    [account] accounts
   *[customer] customers
} lie farther below or above than the map reaches, and are drawn at its border.
map-not-drawn = { $segments ->
    [one] One segment more is
   *[other] { $segments } segments more are
} in map.parquet.
map-table = Where each segment lies, in standard deviations of the first axis
map-axes-table = What the axes of the map are made of
head-drawn = drawn
head-not-drawn = not drawn
head-middle-across = middle across
head-middle-upwards = middle upwards
head-hexagons = hexagons
head-overlaps-most = overlaps most with
head-across = across
head-upwards = upwards
