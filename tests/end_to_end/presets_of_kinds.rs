//! Presets over other kinds of sources than transactions, by hand: the rows stand in `tests/harness/every_kind.rs`.

use crate::harness::*;
use std::collections::BTreeMap;

const RULES: &str = "[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n";

fn text(sources: &str, presets: &str) -> String {
    job_of(&format!("{sources}[features]\npresets = [{presets}]\n{RULES}"))
}

/// Asserts columns of `A` to `E`, a line each, as of 2026-01-01; numbers are written without zeros at the end.
fn assert_features(presets: &str, columns: &str, expected: [&str; 5]) {
    let workspace = Workspace::new();
    // What came later is there, and changes nothing.
    write_every_kind_later(&workspace);
    let features = workspace.committed(&workspace.job(&text(EVERY_KIND, presets))).table("features");
    let shown = |row: &BTreeMap<String, Option<String>>| {
        let value = |column: &str| match &row[column] {
            None => "-".to_owned(),
            Some(text) => text.parse::<f64>().map_or_else(|_| text.clone(), |number| number.to_string()),
        };
        columns.split_whitespace().map(value).collect::<Vec<_>>().join(" ")
    };
    for (customer, expected) in ["A", "B", "C", "D", "E"].into_iter().zip(expected) {
        assert_eq!(shown(&features.only(&[("customer_id", customer)])), expected, "{customer}: {columns}");
    }
}

#[test]
fn visits_are_sessions_or_events_without_a_pause_of_half_an_hour() {
    // A: two sessions; without one, events 30 minutes apart are one visit, and a second more begins the next.
    // B: a session of one id in two sources is two visits.
    assert_features(
        "\"web\"",
        "web_visits web_active_days web_last_days web_events web_page_views web_pages web_views_per_visit",
        ["4 3 1 7 4 3 1", "2 1 214 2 2 - 1", "0 0 - 0 0 - -", "0 0 - 0 0 - -", "0 0 - 0 0 - -"],
    );
    // A value of 99 in a cart is none yet. Devices of three visits are known: two mobile, one desktop.
    let none = "- - 0 - - - - - - -";
    assert_features(
        "\"web\"",
        "web_engagement_seconds web_seconds_per_visit web_conversions web_conversion_rate web_value web_device \
         web_mobile_share web_desktop_share web_tablet_share web_medium",
        [
            "35 17.5 2 0.5 50 mobile 0.6666666666666666 0.3333333333333333 0 organic",
            "- - 0 0 - - - - - -",
            none,
            none,
            none,
        ],
    );
}

#[test]
fn steps_of_a_message_count_once_and_rates_need_something_delivered() {
    // A: m1 and m2 were delivered, m3 bounced; of two by SMS and one by push no delivery is told. m1 was opened twice.
    let none = "0 0 0 0 0 0 0 0";
    assert_features(
        "\"messages\"",
        "messages_sent messages_delivered messages_opened messages_clicked messages_converted messages_bounced \
         messages_complained messages_unsubscribed",
        ["6 5 1 2 1 1 0 0", none, "1 0 0 0 0 1 0 0", "0 2 0 2 1 0 1 1", none],
    );
    let none = "- - - - - - - -";
    assert_features(
        "\"messages\"",
        "message_open_rate message_click_rate message_conversion_rate message_bounce_rate message_unsubscribe_rate \
         message_last_days message_last_open_days message_last_click_days",
        ["0.2 0.4 0.2 0.16666666666666666 0 23 29 22", none, "- - - 1 - 1 - -", "0 1 0.5 - 0.5 91 - 91", none],
    );
}

#[test]
fn the_best_channel_stands_with_its_evidence_and_its_consent() {
    // A: push (1 + 1) / (1 + 2) is ahead of 2 / 4 of the others, and was withdrawn; of two at one time for SMS one is no. D: equal channels.
    assert_features(
        "\"messages\"",
        "message_channel message_channel_responses message_channel_delivered message_channel_rate \
         message_channel_consent consented_channels",
        ["push 1 1 1 false 1", "- - - - - 1", "- - - - - -", "email 1 1 1 - 1", "- - - - - -"],
    );
    let sources = EVERY_KIND
        .replace("kind = \"consents\"", "kind = \"wishes\"")
        .replace("channel     = \"channel\"\ngranted     = \"granted\"\n", "product_id  = \"channel\"\n");
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let run = workspace.committed(&workspace.job(&text(&sources, "\"messages\"")));
    assert_eq!(run.feature("message_channel")["A"].as_deref(), Some("push"));
    let consents = [run.feature("message_channel_consent"), run.feature("consented_channels")];
    assert!(consents.iter().all(|all| all.values().all(Option::is_none)), "without consents nothing is known of them");
}

#[test]
fn tier_and_points_are_those_of_the_ledger() {
    // A: silver since June; 731 days since January 2024. B: nobody knows since when. C enrols later.
    assert_features(
        "\"loyalty\"",
        "loyalty_member loyalty_memberships loyalty_tier loyalty_channel loyalty_tenure_days",
        ["true 2 silver store 731", "true 1 bronze - -", "false 0 - - -", "false 0 - - -", "false 0 - - -"],
    );
    // A: 100 expire in 90 days, of which 30 are burned and 20 expired before.
    let none = "0 0 0 0 - 0 - - -";
    assert_features(
        "\"loyalty\"",
        "loyalty_balance loyalty_earned loyalty_burned loyalty_expired loyalty_burn_ratio loyalty_redemptions \
         loyalty_earned_days loyalty_redeemed_days loyalty_points_expiring",
        ["105 150 30 20 0.2 1 245 184 50", "6 10 4 0 0.4 1 1 1 -", none, none, none],
    );
    assert_features(
        "{ name = \"loyalty\", window = \"365d\", suffix = \"_1y\" }",
        "loyalty_balance_1y loyalty_earned_1y loyalty_burn_ratio_1y loyalty_tier_1y loyalty_points_expiring_1y",
        ["105 50 0.6 silver 50", "6 10 0.4 bronze -", "0 0 - - -", "0 0 - - -", "0 0 - - -"],
    );
}

#[test]
fn what_was_not_answered_is_seen_and_is_no_zero() {
    // A: the later answer to q1, nothing to q2, two choices of q3, of one of which the evidence is not known.
    let none = "0 0 - - - 0 - -";
    assert_features(
        "\"survey\"",
        "survey_questions survey_answered survey_coverage survey_declared_share survey_inferred_share survey_scored \
         survey_score_mean survey_last_days",
        ["3 2 0.6666666666666666 0.5 0.5 3 4 213", "1 0 0 - - 0 - -", none, none, none],
    );
}

#[test]
fn satisfaction_has_the_last_score_and_its_group() {
    // A: two scores at the last time, of which the lower counts. C: 11 is in no group. E: only an ignored product.
    let with_nps = |score: &str, group: &str| format!("1 245 - - 0 {score} {group} 1 - 0 0 0 -");
    let expected = [
        "9 2 5 4 2 9 promoter 3 3 2 1 1 2".to_owned(),
        with_nps("7", "passive"),
        with_nps("11", "-"),
        with_nps("0", "detractor"),
        "0 - - - 0 - - 0 - 0 0 0 -".to_owned(),
    ];
    assert_features(
        "\"satisfaction\"",
        "feedback_count feedback_last_days csat_last csat_mean csat_count nps_last nps_group nps_count rating_mean \
         rating_count reviews complaints complaint_last_days",
        expected.each_ref().map(String::as_str),
    );
}

#[test]
fn what_is_personal_comes_out_as_levels() {
    // A turns 36 on the day; B on 1 March, since 2026 has no 29 February; C is not born yet; E would be 226.
    assert_features(
        "\"demographic\"",
        "age_band generation birthday_within sex_level income_band household_band children_band",
        [
            "35-44 millennial 7 days female 20000-50000 2 1",
            "under 18 z later male under 1000 3-4 0",
            "- - - other - 5+ 3+",
            "55-64 x later male 10000000+ 1 2",
            "- - - - - - -",
        ],
    );
    assert_features(
        "\"demographic\"",
        "education_level occupation_level marital_level",
        ["master nurse single", "- - -", "- - -", "- - -", "- - -"],
    );
}

/// Birth dates, incomes and postal codes come out as bands; what comes out as it is, is for the job to allow.
#[test]
fn a_personal_level_needs_leave() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let text = job_of(&format!(
        "{}[features]\npresets = [\"demographic\", \"geographic\"]\n[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n\
         [[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n",
        EVERY_KIND.replace("[privacy]\nallow = [\"sex\"]\n", "")
    ));
    let error = workspace.failing(&workspace.job(&text), 2).stderr;
    assert!(error.contains("preset demographic uses `sex`") && error.contains("allow = [\"sex\"]"), "{error}");
    assert!(!error.contains("birth_date") && !error.contains("postal_code") && !error.contains("income"), "{error}");
}

#[test]
fn a_level_of_place_stands_behind_those_above_it() {
    assert_features(
        "\"geographic\"",
        "geo_country geo_region geo_city geo_settlement geo_postal_area",
        [
            "PL PL / Malopolskie PL / Malopolskie / Krakow metropolis PL / 30",
            "PL - PL / Krakow - -",
            "- R - rural 12",
            "DE DE / Bayern DE / Bayern / Hof town DE / 95",
            "- - - - -",
        ],
    );
}

#[test]
fn a_window_and_a_list_of_sources_are_those_of_every_preset() {
    // From 2 December: the session of the first is not seen.
    assert_features(
        "\"rfm\", { name = \"web\", window = \"30d\", suffix = \"_30d\" }, { name = \"web\", sources = [\"app\"], suffix = \"_app\" }",
        "web_visits_30d web_active_days_30d web_conversions_30d web_visits_app web_engagement_seconds_app",
        ["3 2 1 0 -", "0 0 0 1 -", "0 0 0 0 -", "0 0 0 0 -", "0 0 0 0 -"],
    );
    // Consents are looked at whole.
    assert_features(
        "{ name = \"messages\", window = \"25d\", suffix = \"_25d\" }",
        "messages_sent_25d message_channel_25d consented_channels_25d",
        ["3 push 1", "0 - 1", "1 - -", "0 - 1", "0 - -"],
    );
}

#[test]
fn a_preset_is_refused_with_what_to_map() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let refused = |sources: &str, presets: &str, says: &[&str]| {
        workspace.failing(&workspace.job(&text(sources, presets)), 2).says(says);
    };
    let without_ledger = EVERY_KIND.replace("kind = \"points\"", "kind = \"wishes\"\nwhere = \"true\"").replace(
        "points      = \"points\"\nentry       = \"entry\"\nexpires_at  = \"expires\"\n",
        "product_id  = \"entry\"\n",
    );
    refused(
        &without_ledger,
        "\"loyalty\"",
        &[
            "the preset `loyalty` looks at points, and no source is of that kind",
            "a [[source]] of kind = \"points\" that maps `time`, `points`",
        ],
    );
    refused(
        EVERY_KIND,
        "{ name = \"loyalty\", sources = [\"club\"] }",
        &["looks at points, and `sources` names none of that kind", "a source of kind points in the list too"],
    );
    refused(
        EVERY_KIND,
        "{ name = \"web\", sources = [\"mails\", \"app\"] }",
        &["source `mails` is of kind messages", "a source of kind events"],
    );
    refused(
        &EVERY_KIND.replace("country        = \"country\"\n", ""),
        "\"geographic\"",
        &["the preset `geographic` needs `country`, which source `people` does not map"],
    );
    let unmapped = [
        "birth_date     = \"born\"\n",
        "sex            = \"sex\"\n",
        "income         = \"income\"\n",
        "education      = \"education\"\n",
        "occupation     = \"occupation\"\n",
        "marital_status = \"marital\"\n",
        "household_size = \"household\"\n",
        "children       = \"children\"\n",
    ];
    refused(
        &unmapped.iter().fold(EVERY_KIND.to_owned(), |text, line| text.replace(line, "")),
        "\"demographic\"",
        &["source `people` maps nothing that the preset `demographic` looks at", "`birth_date`"],
    );
    refused(
        EVERY_KIND,
        "{ name = \"demographic\", window = \"30d\" }",
        &["the preset `demographic` looks at what customers are, which no window changes", "no `window` here"],
    );
    refused(
        &EVERY_KIND.replace("answer      = \"answer\"\ntime        = \"at\"\n", "answer      = \"answer\"\n"),
        "{ name = \"survey\", window = \"30d\" }",
        &["a window of the preset `survey` goes by `time`, which source `answers` does not map"],
    );
}
