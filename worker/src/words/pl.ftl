# Co ludzie czytają o przebiegu, po polsku.
#
# Nazwy z danych stoją w mianowniku: zdania są tak zbudowane, że nazwy nie trzeba odmieniać.

## Liczby i daty

number-decimal = ,
number-group = { "\u00A0" }
number-percent = { $number }%
date-day = { $day } { $month ->
    [1] stycznia
    [2] lutego
    [3] marca
    [4] kwietnia
    [5] maja
    [6] czerwca
    [7] lipca
    [8] sierpnia
    [9] września
    [10] października
    [11] listopada
   *[12] grudnia
} { $year }

## Słowa wszystkich stron

quoted = „{ $name }”
list-last = { $first } i { $last }
value-range = { $value } (od { $low } do { $high })
yes = tak
no = nie
not-known = Nie wiadomo: { $reason }.
not-known-yet = Jeszcze nie wiadomo: { $reason }.
left-out = { $rows ->
    [one] Jeszcze { $rows } wiersz jest w pliku { $table }.parquet.
    [few] Jeszcze { $rows } wiersze są w pliku { $table }.parquet.
   *[many] Jeszcze { $rows } wierszy jest w pliku { $table }.parquet.
}
unit-many = { $unit ->
    [account] firmy
   *[customer] klienci
}
customers-counted = { $unit ->
    [account] { $customers ->
        [one] { $customers } firma
        [few] { $customers } firmy
       *[many] { $customers } firm
    }
   *[customer] { $customers ->
        [one] { $customers } klient
        [few] { $customers } klienci
       *[many] { $customers } klientów
    }
}
page-skip = Przejdź do treści
page-sections = Spis treści
fact-as-of = Stan na
fact-segmentations = Segmentacje
fact-run = Przebieg
fact-compared-with = Porównano z przebiegiem
fact-by-model-of = Według modelu z przebiegu
footer-made = Przygotował segmenter { $version } na podstawie tabel, w których żaden wiersz nie dotyczy pojedynczej osoby. Dla wartości i segmentów, w których jest mniej niż { $fewest } { $unit ->
    [account] firm
   *[customer] klientów
}, nie podano tu żadnych liczb.
footer-same = To samo zadanie na tych samych danych daje tę samą stronę, bajt w bajt. Strona nie potrzebuje sieci i niczego nie wysyła.

## Nagłówek

top-title = { $job }: segmenty klientów, stan na { $day }
top-heading = Segmenty klientów: { $job }
top-lead = { $unit ->
    [account] { $customers ->
        [one] { $customers } firmę podzielono
        [few] { $customers } firmy podzielono
       *[many] { $customers } firm podzielono
    }
   *[customer] { $customers ->
        [one] { $customers } klienta podzielono
       *[many] { $customers } klientów podzielono
    }
} na { $ways ->
    [one] { $ways } sposób
    [few] { $ways } sposoby
   *[many] { $ways } sposobów
}: { $names }. Segmenty powstały wyłącznie na podstawie tego, co wydarzyło się przed dniem { $day }.
top-way = { $name } ({ $segments ->
    [one] { $segments } segment
    [few] { $segments } segmenty
   *[many] { $segments } segmentów
})
top-largest = największy segment w segmentacji { $name } to { $segment } ({ $share })

## Czy można na tym polegać?

trust-title = Czy można na tym polegać?
rows-title = Co się stało z wierszami
rows-all = { $rows ->
    [one] Wykorzystano { $rows } wczytany wiersz, czyli wszystko.
    [few] Wykorzystano wszystkie { $rows } wczytane wiersze.
   *[many] Wykorzystano wszystkie wczytane wiersze ({ $rows }).
}
rows-finding = { $rows ->
    [one] Z { $rows } wczytanego wiersza
   *[many] Z { $rows } wczytanych wierszy
} wykorzystano { $share }. Najczęstszy powód pominięcia: „{ $fate }” ({ $lost ->
    [one] { $lost } wiersz
    [few] { $lost } wiersze
   *[many] { $lost } wierszy
}).
rows-told = wykorzystano { $share } z { $read }
rows-table = Wiersze każdego źródła według tego, co się z nimi stało
rows-picture = Wykorzystane wiersze
rows-caption = Wypełniona część paska to udział wykorzystanych wierszy źródła.
rejected-table = Dlaczego wiersze trafiły do kwarantanny
fate-used = wykorzystane
fate-filtered = odfiltrowane
fate-anonymous = anonimowe
fate-not-before-as-of = nie sprzed dnia as_of
fate-of-unknown-customers = od nieznanych klientów
fate-excluded = wykluczone
fate-duplicate = powtórzone
fate-quarantined = w kwarantannie
rejected-not-a-bool = nie jest wartością logiczną
rejected-not-an-id = nie jest identyfikatorem
rejected-not-an-integer = nie jest liczbą całkowitą
rejected-not-a-number = nie jest liczbą
rejected-not-a-decimal = nie jest liczbą dziesiętną
rejected-too-many-decimals = za dużo miejsc po przecinku
rejected-not-a-date = nie jest datą
rejected-not-a-timestamp = nie jest datą z godziną
rejected-other-day-month-order = dzień i miesiąc w odwrotnej kolejności
rejected-serial-date = numer dnia z arkusza zamiast daty
rejected-epoch-number = liczba sekund od 1970 roku zamiast daty
rejected-unknown-zone = nieznana strefa czasowa
rejected-repeated-key = powtórzony klucz
rejected-not-parameters = nie jest listą parametrów
rejected-out-of-range = poza zakresem
checks-title = Co sprawdzono
checks-none = { $checks ->
    [one] Wykonano { $checks } sprawdzenie i nie przekroczono granicy.
    [few] Wykonano { $checks } sprawdzenia i w żadnym nie przekroczono granicy.
   *[many] Wykonano { $checks } sprawdzeń i w żadnym nie przekroczono granicy.
}
checks-some = { $checks ->
    [one] Wykonano { $checks } sprawdzenie
    [few] Wykonano { $checks } sprawdzenia
   *[many] Wykonano { $checks } sprawdzeń
}; { $found ->
    [one] { $found } z nich wykazało
    [few] { $found } z nich wykazały
   *[many] { $found } z nich wykazało
} coś, czemu warto się przyjrzeć.
checks-table = Sprawdzenia, które coś wykazały
check-freshness-hours = wiek najnowszego wiersza w godzinach
check-rows-used = wykorzystane wiersze
check-rows-min = minimalna liczba wierszy
check-quarantined-share = udział wierszy w kwarantannie
check-anonymous-share = udział wierszy anonimowych
check-duplicate-share = udział wierszy powtórzonych
check-unknown-customer-share = udział wierszy nieznanych klientów
check-filtered-share = udział wierszy odfiltrowanych
check-excluded-share = udział wierszy wykluczonych klientów
check-not-before-as-of-share = udział wierszy nie sprzed dnia as_of
check-null-share = udział pustych wartości
check-where-null-share = udział wierszy, dla których where jest puste
check-where-failed-share = udział wierszy, dla których where zawodzi
check-unreadable-share = udział wartości nieczytelnych
check-key-null-share = udział wierszy z pustym kluczem
check-duplicate-differs-share = udział powtórzeń o innych wartościach
check-duplicate-replaced-share = udział wierszy zastąpionych późniejszymi
check-duplicate-undecided-share = udział powtórzeń bez rozstrzygnięcia
check-order-of-several-share = udział zamówień kilku klientów naraz
check-equal-row-share = udział klientów o identycznych danych
check-exclude-null-share = udział klientów, dla których exclude jest puste
check-unmatched-share = udział identyfikatorów z listy, których nie ma w źródłach
check-matched-trimmed-share = udział identyfikatorów z listy, które pasują po usunięciu spacji
check-no-id-share = udział wierszy listy bez identyfikatora
check-unsure-pair-share = udział niepewnych par identyfikatorów
check-undecided-pair-share = udział nierozstrzygniętych par identyfikatorów
check-pair-of-one-id-share = udział par identyfikatora z samym sobą
check-too-many-ids-share = udział identyfikatorów powiązanych ze zbyt wieloma innymi
check-kept-apart-share = udział identyfikatorów, które trzeba było rozdzielić
check-check-failed-share = udział wierszy, które nie przeszły własnego sprawdzenia
check-check-undecided-share = udział wierszy bez wyniku własnego sprawdzenia
check-reachable-share = udział klientów ze zgodą na kontakt
check-unknown-product-share = udział wierszy z nieznanym produktem
check-negative-quantity-share = udział wierszy z ujemną ilością
check-attribute-differs-share = udział klientów o sprzecznych danych
check-other-word-share = udział wartości spoza listy znanych słów
check-midnight-share = udział godzin równych północy
check-unseen-in-id-share = udział identyfikatorów z niewidocznymi znakami
check-word-for-null-share = udział identyfikatorów oznaczających brak wartości
check-rounded-id-share = udział identyfikatorów zaokrąglonych przez arkusz
check-zeros-in-id-share = udział identyfikatorów z zerami na końcu
check-other-day-month-order-share = udział dat z odwróconą kolejnością dnia i miesiąca
check-serial-date-share = udział numerów dni z arkusza zamiast dat
check-epoch-number-share = udział liczb sekund od 1970 roku zamiast dat
check-before-1900-share = udział dat sprzed 1900 roku
check-dominant-customer-share = udział wierszy klienta, który ma ich najwięcej
check-overflow-share = udział wartości, których nie dało się obliczyć
check-filter-null-share = udział wierszy, dla których filtr jest pusty
check-imputed-share = udział braków zastąpionych medianą
check-scope-null-share = udział klientów, dla których zakres jest pusty
check-scope-failed-share = udział klientów, dla których zakres zawodzi
check-value-null-share = udział klientów bez wartości
check-value-failed-share = udział klientów, dla których wartości nie dało się obliczyć
check-when-null-share = udział klientów, dla których reguła jest pusta
check-when-failed-share = udział klientów, dla których reguła zawodzi
check-no-level-share = udział wartości bez własnego poziomu w modelu
check-beyond-cuts-share = udział wartości poza progami
check-beyond-scale-share = udział wartości poza skalą
action-ok = w porządku
action-warn = ostrzeżenie
action-stop = zatrzymanie
fresh-days = Najnowszy wykorzystany wiersz źródła { $source } jest starszy od dnia przebiegu o { $age } dni.
fresh-hours = Najnowszy wykorzystany wiersz źródła { $source } jest starszy od dnia przebiegu o { $age } godz.
drift-title = W porównaniu z poprzednim przebiegiem
drift-none = Rozkład żadnej cechy nie zmienił się znacząco od poprzedniego przebiegu; najbardziej zmieniła się cecha { $feature } ({ $moved }).
drift-far = Klienci rozkładają się inaczej niż w poprzednim przebiegu pod względem cech: { $features }.
drift-moved-a-lot = znacznie
drift-moved-somewhat = nieco
drift-moved-hardly = prawie wcale
drift-picture = Cechy, które zmieniły się najbardziej
drift-caption = Wskaźnik stabilności populacji (PSI): poniżej 0,1 zmiana jest znikoma, powyżej 0,25 warto się jej przyjrzeć.
drift-table = Jak bardzo zmieniła się każda cecha
drift-moved-share = { $share } spośród obecnych w obu przebiegach jest teraz w innym segmencie w segmentacji { $segmentation }.
drift-agree = Zgodność obu podziałów wynosi { $index } (1: identyczne, 0: jak w podziale losowym).

## Czy segmenty są coś warte?

verdict-title = Czy segmenty są coś warte?
verdict-lead = To, co dotyczy czasu przed dniem przebiegu, opisuje segmenty na podstawie danych, z których powstały; sprawdza je dopiero to, co dotyczy czasu późniejszego.
verdict-none = Nic tu nie przemawia wyraźnie ani za, ani przeciw.
verdict-finding = { $good ->
    [one] { $good } ustalenie przemawia za (✓)
    [few] { $good } ustalenia przemawiają za (✓)
   *[many] { $good } ustaleń przemawia za (✓)
}, { $bad ->
    [one] { $bad } przeciw (!).
   *[other] { $bad } przeciw (!).
}
verdict-segment = ({ $key } to { $segment }.)
verdict-not-known = Czego nie wiadomo: { $reasons }.

## Segmenty

segmentation-title = Segmenty: { $name }
method-rfm = Według tego, jak dawno, jak często i za ile kupowano: oceny od 1 do 5 i grupy tych ocen.
method-overlapping-rules = Według reguł, które ktoś napisał; kto spełnia kilka, należy do kilku segmentów.
method-rules = Według reguł, które ktoś napisał; liczy się pierwsza spełniona.
method-kmeans = Grupy znalezione w danych: w każdej są ci, którzy są do siebie najbardziej podobni pod względem wybranych cech.
method-bisecting = Grupy znalezione przez wielokrotne dzielenie na dwoje tych, którzy są do siebie najmniej podobni.
method-mixture = Grupy znalezione w danych; prawdopodobieństwo mówi, jak pewna jest przynależność.
method-tiers = Według wielkości jednej liczby: na pierwszym poziomie jest ona największa.
segment-other = pozostali
segment-no-purchases = bez zakupów
segment-out-of-scope = poza zakresem
segment-no-tier = bez poziomu
segment-about-to-sleep = zasypiający
segment-at-risk = zagrożeni odejściem
segment-cant-lose = nie do stracenia
segment-champions = najlepsi
segment-hibernating = uśpieni
segment-loyal = lojalni
segment-need-attention = wymagający uwagi
segment-new = nowi
segment-potential-loyalist = potencjalnie lojalni
segment-promising = obiecujący
sizes-title = Jak duże są segmenty
sizes-finding = Największy segment to { $largest } ({ $most } wszystkich { $unit ->
    [account] firm
   *[customer] klientów
}), a najmniejszy to { $smallest } ({ $least }).
sizes-only = Jedyny segment to { $segment } ({ $share } wszystkich { $unit ->
    [account] firm
   *[customer] klientów
}).
sizes-none = { $unit ->
    [account] Żadna firma nie należy
   *[customer] Żaden klient nie należy
} do segmentu z nazwą.
sizes-overlap = Segmenty nakładają się: można być w kilku naraz, więc udziały sumują się do więcej niż całości.
sizes-empty = { $segments ->
    [one] { $segments } segment jest pusty
    [few] { $segments } segmenty są puste
   *[many] { $segments } segmentów jest pustych
}: { $names }.
sizes-table = Wielkość każdego segmentu
sizes-picture = { $many } w poszczególnych segmentach
who-title = Kim są
who-finding = Co wyróżnia każdy segment na tle ogółu, od tego, co wyróżnia najbardziej; liczby to średnie, a w nawiasach średnie dla ogółu.
who-average = Ich średnie są bliskie średnim wszystkich. Kilka dużych wartości może przesunąć średnią; gdzie jest większość, mówi dalszy ciąg.
heat-title = Co odróżnia segmenty
heat-finding = Segmenty różnią się najbardziej pod względem cech: { $features }. W nawiasie podano, jaka część różnic między { $unit ->
    [account] firmami
   *[customer] klientami
} to różnice między segmentami.
heat-table = Średnia każdej cechy w każdym segmencie, obok średniej dla ogółu; dla tekstów oraz wartości prawda/fałsz: udziały
heat-arrows = Strzałki i kolory pokazują odległość segmentu od ogółu: ↗ i ↘ to ćwierć odchylenia standardowego, ↑ i ↓ połowa, ↑↑ i ↓↓ całe i więcej.
heat-more = { $features ->
    [one] { $features } cecha lub wartość, która różni segmenty mniej, jest w pliku profiles.parquet.
    [few] { $features } cechy lub wartości, które różnią segmenty mniej, są w pliku profiles.parquet.
   *[many] { $features } cech lub wartości, które różnią segmenty mniej, jest w pliku profiles.parquet.
}
strips-title = Jak podobni są do siebie w obrębie segmentu
strips-finding = Średnie ukrywają, jak bardzo różnią się między sobą ci, którzy są w jednym segmencie: pasek obejmuje środkową połowę, a kółko to mediana. Gdzie paski się nakładają, tam nakładają się i segmenty.
strips-description = { $feature }: środkowa połowa segmentu { $highest } mieści się między { $highest-from } a { $highest-to }, a segmentu { $lowest } między { $lowest-from } a { $lowest-to }.
strips-table = Kwartyle cechy { $feature }
strips-told = od { $low } do { $high }, połowa do { $half }
strips-caption = Linia przerywana to średnia dla ogółu.
worth-title = Ile przynieśli dotychczas
worth-title-without-revenue = Co robili dotychczas
worth-finding = { $segment } to { $share } wszystkich { $unit ->
    [account] firm
   *[customer] klientów
} i { $revenue } przychodu sprzed dnia przebiegu.
worth-overlap = Segmenty nakładają się: przychód od należących do kilku liczy się w każdym z nich, a udziały odnoszą się do sumy segmentów.
worth-table = Co { $unit ->
    [account] robiły firmy
   *[customer] robili klienci
} z każdego segmentu przed dniem przebiegu
worth-picture = Udział { $unit ->
    [account] firm
   *[customer] klientów
} i przychodu
worth-of-customers = { $share } { $unit ->
    [account] firm
   *[customer] klientów
}
worth-of-revenue = { $share } przychodu
worth-caption = Segmenty powstały na podstawie tego samego czasu, więc jest to ich opis, a nie zapowiedź tego, co będzie dalej.
outcomes-title = Co robili później
outcomes-window = Od dnia { $from } do dnia poprzedzającego { $to }: nic z tego czasu nie posłużyło do utworzenia segmentów, więc sprawdza on ich wartość.
outcomes-some-window = Nic z tego czasu nie posłużyło do utworzenia segmentów, więc sprawdza on ich wartość.
outcomes-highest = { $metric }: najwyższa wartość w segmencie { $segment } ({ $figures }).
outcomes-between = , przedział ufności { $level }: od { $low } do { $high }
outcomes-rest = ; wszyscy pozostali { $value }
outcomes-differ = { $differ ->
    [0] Żaden segment nie różni się od pozostałych bardziej, niż tłumaczyłby to przypadek.
    [one] Jeden z { $segments } segmentów różni się od pozostałych bardziej, niż tłumaczyłby to przypadek.
    [few] { $differ } z { $segments } segmentów różnią się od pozostałych bardziej, niż tłumaczyłby to przypadek.
   *[many] { $differ } z { $segments } segmentów różni się od pozostałych bardziej, niż tłumaczyłby to przypadek.
}
outcomes-table = { $metric } w każdym segmencie po dniu przebiegu
outcomes-caption = Linia przez punkt pokazuje niepewność wartości; linia przerywana to wartość dla wszystkich w zakresie.
experiments-title = Co wykazały eksperymenty
experiments-finding = Jak poszczególne grupy wypadły na tle grupy kontrolnej: najpierw u wszystkich, potem w każdym segmencie.
experiments-table = Eksperymenty według segmentów
experiments-picture = { $experiment }, { $arm } na tle { $control }: { $word }, { $metric }
experiments-caption = Linia przerywana to brak różnicy; jeśli przedział ją przecina, różnica może być przypadkowa.
compared-effect = efekt
compared-difference = różnica
compared-difference-among-buyers = różnica wśród kupujących
curves-title = { $basis ->
    [outcome] Kiedy kupują
   *[in_sample] Kiedy kupują ponownie
}
curves-fastest = W segmencie { $segment } połowa kupuje w ciągu { $days ->
    [one] { $days } dnia
   *[many] { $days } dni
} od { $basis ->
    [outcome] dnia przebiegu
   *[in_sample] zamówienia
}, szybciej niż w jakimkolwiek innym.
curves-none = W żadnym segmencie połowa nie kupuje w czasie, który jest znany, licząc od { $basis ->
    [outcome] dnia przebiegu
   *[in_sample] zamówienia
}.
curves-table = Udział kupujących w ciągu tylu dni od { $basis ->
    [outcome] dnia przebiegu
   *[in_sample] zamówienia
}
curves-within = w ciągu { $days } dni
curves-below = dni od { $basis ->
    [outcome] dnia przebiegu
   *[in_sample] zamówienia
}
curves-largest = { $segments ->
    [one] { $segments } największy segment; pozostałe są w tabeli.
    [few] { $segments } największe segmenty; pozostałe są w tabeli.
   *[many] { $segments } największych segmentów; pozostałe są w tabeli.
}
channels-title = W którym kanale odpowiadają
channels-best = Najczęściej odpowiadają: { $channels }.
channels-best-of = { $segment } – kanał { $channel } ({ $rate })
offers-title = Jak korzystają z ofert
campaigns-title = Co przynoszą kampanie
contacts-title = Ile dostają wiadomości i kiedy odpowiadają
benefits-title = Co otrzymują
messages-table = { $title }, według segmentów, { $basis ->
    [outcome] po dniu przebiegu
   *[in_sample] przed dniem przebiegu
}
messages-finding = Tak było { $basis ->
    [outcome] po dniu przebiegu
   *[in_sample] przed dniem przebiegu
}.
contact-contacts = kontakty
contact-over-cap = powyżej limitu
contact-weekday = dzień tygodnia
contact-hour = godzina
contact-Monday = poniedziałek
contact-Tuesday = wtorek
contact-Wednesday = środa
contact-Thursday = czwartek
contact-Friday = piątek
contact-Saturday = sobota
contact-Sunday = niedziela
migration-title = Kto zmienił segment od poprzedniego przebiegu
migration-came = wcześniej nieobecni
migration-left = już nieobecni
migration-none = { $unit ->
    [account] Żadnej firmy nie było w obu przebiegach.
   *[customer] Żadnego klienta nie było w obu przebiegach.
}
migration-moved = { $share } { $unit ->
    [account] firm obecnych
   *[customer] klientów obecnych
} w obu przebiegach przeszło do innego segmentu.
migration-most = Najliczniejsze przejście ({ $customers }): z { $from } do { $to }.
migration-table = Kto gdzie był, a gdzie jest
migration-picture = Od poprzedniego przebiegu do obecnego
migration-caption = Po lewej segmenty poprzednie, po prawej obecne; ciemniejsze pasma to zmiany segmentu. Przejścia liczące mniej niż { $fewest } pominięto.
migration-left-out = { $ways ->
    [one] { $ways } rzadszego przejścia
   *[other] { $ways } rzadszych przejść
} nie ma w tabeli.
change-stayed = bez zmiany
change-moved = inny segment
change-joined = doszli
change-left = odeszli
rules-title = Po czym je rozpoznać
rules-finding = O tym, kto należy do którego segmentu, najwięcej mówią cechy: { $features }.
rules-drivers-table = Jak dobrze każda cecha rozróżnia segmenty
rules-drivers-picture = Cechy, które rozróżniają segmenty
rules-drivers-caption = 1: sama ta cecha mówi, kto jest w którym segmencie; 0: nie mówi nic. Odjęto to, co dałby przypadek.
rules-table = Segmenty jako kilka reguł i jak wiernie reguły je odtwarzają
rules-fidelity = Poniższe reguły przypisują { $share } wszystkich { $unit ->
    [account] firm
   *[customer] klientów
} do właściwego segmentu.
association-eta-squared = eta kwadrat
association-cramers-v = V Craméra
evidence-title = Dlaczego tyle grup
evidence-groups = { $groups ->
    [one] Jest { $groups } grupa.
    [few] Są { $groups } grupy.
   *[many] Jest { $groups } grup.
}
evidence-chosen = wybrano
evidence-picture = { $index } według liczby grup
evidence-description = { $index } według liczby grup ({ $reading }); { $value } dla wybranej liczby grup, czyli { $groups }.
evidence-stable-unchanged = Segment { $segment } powraca niemal bez zmian, gdy klientów wylosuje się ponownie ({ $index } na 1).
evidence-stable-mostly = Segment { $segment } w większości powraca, gdy klientów wylosuje się ponownie ({ $index } na 1).
evidence-stable-in-outline = Segment { $segment } powraca tylko w zarysie, gdy klientów wylosuje się ponownie ({ $index } na 1).
evidence-stable-hardly = Segment { $segment } nie powraca w sposób wiarygodny, gdy klientów wylosuje się ponownie ({ $index } na 1).
index-calinski-harabasz = Indeks Calińskiego–Harabasza
index-silhouette = Wskaźnik sylwetki
index-jaccard = Indeks Jaccarda
index-bic = BIC
reading-calinski-harabasz = im wyżej, tym grupy są zwartsze i bardziej od siebie odległe
reading-silhouette = 1: grupy są od siebie odległe, 0: stykają się
reading-jaccard = 1: grupy powracają dokładnie, gdy klientów wylosuje się ponownie
reading-bic = im niżej, tym więcej grupy wyjaśniają w stosunku do swojej złożoności

## Co wiadomo ponad segmentami

personas-title = Persony
personas-lead = Każde stwierdzenie jest policzone i zestawione z tą samą liczbą dla ogółu; nikt nie jest dokładnie taki.
value-title = Czy można polegać na prognozach wartości?
value-lead = Model dopasowano do czasu przed odłożonym oknem, a jego prognozy dla tego okna porównano z tym, co nastąpiło.
value-finding = Średnio prognozowano { $forecast }, a nastąpiło { $came }{ $side ->
    [low] : ogółem o { $share } za nisko
    [high] : ogółem o { $share } za wysoko
   *[none] {""}
}.
value-no-figures = nie ma liczb
value-tenth = decyl { $tenth } z 10
value-forecast = prognoza { $value }
value-came = nastąpiło { $value }
value-table = { $feature } i co nastąpiło
value-picture = { $feature }: prognoza i co nastąpiło
value-caption = Od decyla o najmniejszych prognozach do decyla o największych.
cohorts-title = Kto wraca
cohorts-finding = Spośród { $unit ->
    [account] firm zamawiających
   *[customer] klientów zamawiających
} po raz pierwszy { $first } zamawia ponownie w następnym miesiącu.
cohorts-finding-later = Spośród { $unit ->
    [account] firm zamawiających
   *[customer] klientów zamawiających
} po raz pierwszy { $first } zamawia ponownie w następnym miesiącu, a { $later } w miesiącu { $month ->
    [3] trzecim
    [6] szóstym
   *[other] { $month }
}.
cohorts-table = Udział { $unit ->
    [account] firm
   *[customer] klientów
} z zakupem, według miesiąca pierwszego zamówienia (kohorty) i liczby miesięcy od niego
cohorts-note = Najnowsze kohorty miesięczne, najwyżej { $months }; wszystkie są w pliku cohorts.parquet. Miesiące, które jeszcze trwają, są puste.
affinity-title = Co idzie w parze
affinity-finding = { $was ->
    [wished] Kto chciał mieć
   *[bought] Kto kupił
} { $item }, ten kupował też { $then }: { $lift }× częściej, niż dałby przypadek (od { $low } do { $high }).
affinity-times = { $lift }×
affinity-table = Pary ({ $name }), od tych, o których wiadomo najwięcej
affinity-picture = Najpewniejsze pary ({ $name })
affinity-caption = Linia przerywana to wynik, jaki dałby przypadek.
computed-title = Jak to policzono
computed-finding = Strona powstała wyłącznie z tabel przebiegu. Przedziały ufności mają poziom podany w zadaniu; o różnicy mówi się, że przekracza przypadek, gdy wśród wszystkich tak opisanych najwyżej jedna na dwadzieścia byłaby przypadkowa (wartość q poniżej 0,05).
computed-table = Ustawienia
computed-job = Zadanie
computed-as-of = Dzień przebiegu (as_of)
computed-previous = Poprzedni przebieg
computed-version = Wersja: { $name }
computed-source = Źródło { $name }
computed-segmentation = Segmentacja { $name }
computed-start = { $name }: punkt startu
computed-stopped = { $name }: powód zakończenia
computed-job-file = Plik zadania
computed-note = Każda podana tu liczba jest w pliku Parquet obok tej strony; to, kto należy do którego segmentu, jest w folderze assignments/ i tylko tam.

## Dwa przebiegi obok siebie

compared-title = { $job }: porównanie dwóch przebiegów
compared-heading = { $job }: { $now } na tle { $before }
compared-lead = Czym przebieg { $now } różni się od przebiegu { $before }.
compared-earlier = Wcześniejszy przebieg
compared-later = Późniejszy przebieg
compared-footer = Dla wartości, segmentów i przejść, które obejmują mniej niż { $fewest } { $unit ->
    [account] firm
   *[customer] klientów
}, nie podano tu żadnych liczb.
compared-data = Dane
compared-moved = Kto zmienił segment
compared-rows = Co wykorzystano
compared-rows-table = Wykorzystane wiersze każdego źródła
compared-none = brak
compared-then = wtedy { $share }
compared-now = teraz { $share }
compared-most = Najbardziej zmienił się udział segmentu { $segment }: wtedy { $then }, teraz { $now }.
compared-agree = Zgodność obu podziałów wynosi { $index } (1: identyczne, 0: jak w podziale losowym).
compared-sizes-table = Wielkość każdego segmentu wtedy i teraz
compared-sizes-picture = Udział każdego segmentu wtedy i teraz

## Nagłówki tabel

head-action = wynik
head-all = ogół
head-all-others = wszyscy pozostali
head-answer-rate = odsetek odpowiedzi
head-answered = odpowiedzieli
head-arm = grupa
head-benefit = Korzyść
head-bought-with-it = kupili z ofertą
head-came = nastąpiło
head-campaign = Kampania
head-change = zmiana
head-changed = zmiana
head-channel = Kanał
head-check = Sprawdzenie
head-chosen = wybór
head-column = Kolumna
head-control = grupa kontrolna
head-cost = koszt
head-customers = klienci
head-delivered = doręczone
head-difference = różnica
head-experiment = eksperyment
head-feature = Cecha
head-first-order = Pierwsze zamówienie
head-first-quartile = ćwierć ma najwyżej
head-forecast = prognoza
head-found = znaleziono
head-from = od
head-got-it = otrzymali
head-got-something = coś otrzymali
head-groups = Grupy
head-half = połowa
head-half-within-days = połowa w ciągu dni
head-holds-for = spełnia
head-if = jeśli
head-is = wartość
head-is-in = jest w
head-is-input = użyta przez metodę
head-item = Produkt
head-key = Klucz
head-less-chance = bez udziału przypadku
head-level = Wartość
head-limit = limit
head-margin = marża
head-measure = Miara
head-measured-by = miara
head-metric = metryka
head-now = teraz
head-of = z ilu
head-of-those-with-item = wśród mających produkt
head-precision = spełniający regułę, którzy są w segmencie
head-profit = zysk
head-promotion = Promocja
head-psi = wskaźnik stabilności populacji
head-q-value = wartość q
head-rate = odsetek
head-reached = dotarto do
head-read = wczytane
head-reason = Powód
head-recall = należący do segmentu, którzy spełniają regułę
head-responded = skorzystali
head-revenue = przychód
head-rows = Wiersze
head-segment = Segment
head-service = Obsługa
head-share = udział
head-share-now = udział wczytanych teraz
head-share-then = udział wczytanych wtedy
head-source = Źródło
head-tenth = Decyl
head-then = wtedy
head-then-item = także
head-third-quartile = trzy czwarte
head-tier = Poziom
head-times-chance = ile razy częściej niż przypadkiem
head-to = do
head-unsubscribed = wypisali się
head-used-now = wykorzystane teraz
head-used-then = wykorzystane wtedy
head-value = wartość
head-was-in = Był w
head-what = Co
head-what-sets-apart = co wyróżnia
head-with-both = z obydwoma

## Metryki

metric-customers = klienci
metric-active = aktywni
metric-orders = zamówienia
metric-revenue = przychód
metric-revenue-per-customer = przychód na klienta
metric-average-order-value = średnia wartość zamówienia
metric-conversion = konwersja
metric-repeat-rate = odsetek powracających
metric-retention = retencja
metric-churn = odejścia

## Zdania w scorecard.parquet

scorecard-segments = { $segments ->
    [one] { $segments } segment ma klientów.
    [few] { $segments } segmenty mają klientów.
   *[many] { $segments } segmentów ma klientów.
}
scorecard-in-scope = { $share } klientów jest w zakresie.
scorecard-largest = Największy segment, { $segment }, ma { $share } klientów w zakresie; przy równym podziale na { $segments } każdy miałby { $equal }.
scorecard-smallest = Najmniejszy segment, { $segment }, ma { $share } klientów w zakresie; przy równym podziale na { $segments } każdy miałby { $equal }.
scorecard-homogeneity = Średnio dla { $features ->
    [one] { $features } cechy
   *[many] { $features } cech
} { $share } różnic między klientami to różnice między segmentami; dla losowych grup tej samej wielkości byłoby to { $random }.
scorecard-silhouette = Wskaźnik sylwetki wynosi { $value } (1: grupy odległe, 0: stykające się); poniżej { $limit } uznaje się, że wyraźnej struktury nie ma.
scorecard-closest-pair = Dwa najbardziej podobne segmenty, { $first } i { $second }, różnią się najbardziej cechą { $feature }: o { $apart } odchylenia standardowego wszystkich klientów.
scorecard-stability = Gdy klientów wylosuje się ponownie, najmniej stabilny segment, { $segment }, powraca w stopniu { $value } (1: dokładnie); powyżej { $limit } uznaje się go za stabilny, poniżej 0,6 za niestabilny.
scorecard-stability-mean = Gdy klientów wylosuje się ponownie, segmenty powracają średnio w stopniu { $value } (1: dokładnie); powyżej { $limit } uznaje się je za stabilne, poniżej 0,6 za niestabilne.
scorecard-reachable = Do { $share } klientów w segmentach można dotrzeć przynajmniej jednym kanałem.
scorecard-least-reachable = Najtrudniej dotrzeć do segmentu { $segment }: jest to możliwe u { $share } klientów.
scorecard-power-past = Segmenty{ $overlapping ->
    [yes] {" "}(każdy klient w pierwszym, do którego należy)
   *[no] {""}
} wyjaśniają { $share } różnic w wydatkach klientów w ciągu { $days ->
    [one] { $days } dnia
   *[many] { $days } dni
} od dnia as_of (wydatki powyżej progu { $cap } liczą się jak ten próg); grupy tej samej wielkości według wydatków z takiego samego okresu wcześniej wyjaśniają { $other }.
scorecard-power-random = Segmenty{ $overlapping ->
    [yes] {" "}(każdy klient w pierwszym, do którego należy)
   *[no] {""}
} wyjaśniają { $share } różnic w wydatkach klientów w ciągu { $days ->
    [one] { $days } dnia
   *[many] { $days } dni
} od dnia as_of (wydatki powyżej progu { $cap } liczą się jak ten próg); losowe grupy tej samej wielkości wyjaśniają { $other }.
scorecard-verdict-more = Mówią więcej niż { $other ->
    [past] same wcześniejsze wydatki
   *[chance] przypadek
} (różnica od { $low } do { $high }).
scorecard-verdict-less = Mówią mniej niż { $other ->
    [past] same wcześniejsze wydatki
   *[chance] przypadek
} (różnica od { $low } do { $high }).
scorecard-verdict-unsure = Nie da się powiedzieć, czy mówią więcej, czy mniej niż { $other ->
    [past] same wcześniejsze wydatki
   *[chance] przypadek
} (różnica od { $low } do { $high }).

## Zdania w personas.parquet

persona-nothing = Nic się tu nie twierdzi: { $reason }.
persona-size = { $customers ->
    [one] { $customers } klient
    [few] { $customers } klienci
   *[many] { $customers } klientów
}, { $share } wszystkich.
persona-value = Przynieśli { $revenue } przychodu sprzed dnia as_of, a stanowią { $share } wszystkich klientów: { $times }× tyle, ile wynika z ich liczby.
persona-shares = { $share } z nich, { $all } wszystkich klientów: { $times }× tyle
persona-shares-beside-none = { $share } z nich, { $all } wszystkich klientów
persona-at-most = { $feature }, najwyżej { $value }: { $shares }.
persona-above = { $feature }, powyżej { $value }: { $shares }.
persona-level = { $feature }: { $level } – { $shares }.
persona-typical = Typowo { $feature } to około { $value } (dla wszystkich klientów { $all }).
persona-typical-alone = Typowo { $feature } to około { $value }.

## Zdania w experiments.parquet

experiment-unknown = { $metric }: nie wiadomo, czym różnią się { $arm } i { $control }.
experiment-found = { $metric }: { $arm } – { $value }, { $control } – { $beside }; { $word } { $difference }{ $interval }.
experiment-interval = {" "}(od { $low } do { $high }){ $chance ->
    [yes] , co może być dziełem przypadku
   *[no] {""}
}
experiment-sizes = Wielkości grup nie odpowiadają ich udziałom: grupy mogą być nieporównywalne.

## Dlaczego dopasowanie się zakończyło

fit-converged = osiągnięto zbieżność
fit-inertia-no-longer-falls = dalsze kroki nie dawały poprawy
fit-cap = osiągnięto limit kroków

## Zdania, które w tabelach i w run.json są po angielsku bez względu na język przebiegu: powody i uzasadnienia

told-few-customers = mniej niż { $count ->
    [one] { $count } klient
   *[many] { $count } klientów
}
told-no-level = żadna wartość nie dotyczy co najmniej { $count ->
    [one] { $count } klienta
   *[many] { $count } klientów
} persony
told-no-feature = żadna cecha o tym nie mówi (można dodać zestaw cech „{ $preset }”)
told-overlap = segmenty nakładają się, więc różnice nie leżą ani między nimi, ani wewnątrz nich
told-no-number = żadna cecha nie jest liczbą, która różni klientów
told-between-clusters = odległości mierzy się tylko między grupami znalezionymi w danych
told-no-distances = ten przebieg nie zmierzył odległości między grupami
told-two-segments = mniej niż dwa segmenty mają { $count ->
    [one] { $count } klienta
   *[many] { $count } klientów
} i liczbę do porównania
told-no-clusters = segmenty nie są grupami znalezionymi w danych: wynikają z tego, co zadanie mówi o każdym kliencie
told-not-drawn-again = ten przebieg nie losował klientów ponownie, żeby sprawdzić, które grupy powracają
told-no-consents = zadanie nie ma źródła ze zgodami (consents)
told-nobody-in-segments = żaden segment nie ma klientów
told-no-segment-of = żaden segment nie ma { $count ->
    [one] { $count } klienta
   *[many] { $count } klientów
}
told-spent-the-same = wszyscy klienci wydali w tym czasie tyle samo, gdy to, co powyżej progu, liczy się jak próg
told-no-outcome = zadanie nie ma okna wyników ([effectiveness] outcome = "90d")
told-no-transactions = zadanie nie ma źródła z transakcjami (transactions)
told-few-segments = mniej niż dwa segmenty mają klientów
told-few-in-scope = w zakresie jest mniej niż { $count ->
    [one] { $count } klient
   *[many] { $count } klientów
}
told-window-ends = okno kończy się przed dniem { $end }, a najnowszy wiersz jest z dnia { $newest }
told-window-without-times = okno kończy się przed dniem { $end }, a żaden wiersz nie ma czasu
told-equal-forecasts = nikogo: równe prognozy trafiają do jednego decyla
told-no-forecasts = nikogo, dla kogo jest prognoza i wiadomo, co nastąpiło
told-or-more = { $count } lub więcej
told-more-than = więcej niż { $messages } w ciągu { $days ->
    [one] { $days } dnia
   *[many] { $days } dni
}
told-k-as-said = k = { $k }: tak mówi zadanie
told-as-said = tak mówi zadanie
told-k-best = k = { $k }: najlepszy indeks Calińskiego–Harabasza, { $index }, { $among }; średni indeks Jaccarda z ponownego losowania wynosi { $jaccard }, a najmniejszy udział { $share }
told-among-stable = wśród podziałów o średnim indeksie Jaccarda co najmniej { $stable } i bez udziału poniżej { $share }
told-among-unstable = wśród podziałów bez udziału poniżej { $share }, z których żaden nie jest stabilny
told-of-all = wśród wszystkich
told-smallest-bic = najmniejsze BIC wśród podziałów bez wagi poniżej { $share }
told-smallest-bic-of-all = najmniejsze BIC ze wszystkich
told-useless = brak użytecznych grup: { $doubts }; o k = { $k } prosi zadanie i mimo to je zapisano
told-useless-range = brak użytecznych grup: { $doubts }; k = { $k } to najlepsze z tego, o co prosi zadanie, i mimo to je zapisano
told-useless-tree = brak użytecznych grup: { $doubts }; znalezione grupy ({ $groups }) mimo to zapisano
told-useless-leaf = brak użytecznych grup: wszyscy klienci są jedną grupą, bo { $why }
told-useless-component = brak użytecznych grup: jeden składnik opisuje klientów lepiej (BIC { $one }) niż { $k } (BIC { $other })
told-useless-weights = brak użytecznych grup: przy każdej liczbie składników jeden z nich ma wagę poniżej { $share }
told-unstable = grupy są niestabilne, ich średni indeks Jaccarda z ponownego losowania wynosi { $jaccard }, poniżej { $stable }
told-none-stable = przy żadnej liczbie grup średni indeks Jaccarda nie wynosi co najmniej { $stable } ({ $best })
told-none-stable-and-large = przy żadnej liczbie grup nie ma naraz średniego indeksu Jaccarda co najmniej { $stable } ({ $best }) i wszystkich udziałów co najmniej { $share }
told-none-stable-in-tree = przy żadnej liczbie grup do { $groups } średni indeks Jaccarda nie wynosi co najmniej { $stable } (najlepszy { $jaccard } dla { $k })
told-best-at = najlepszy { $jaccard } dla k = { $k }
told-all-small = przy każdej liczbie grup jedna z nich ma udział poniżej { $share }
told-enough-leaves = jest już tyle grup, o ile prosi zadanie
told-too-small = jest w niej za mało klientów na dwie grupy najmniejszej wielkości
told-side-too-small = przy najlepszym podziale jedna strona byłaby mniejsza od najmniejszej wielkości
told-one-place = wszyscy jej klienci są w jednym miejscu
told-gap = statystyka gap wskazuje raczej na jedną grupę (gap { $one }) niż na { $k } (gap { $gap }, błąd standardowy { $error })

## Cechy z gotowych zestawów

feature-baskets = koszyki
feature-basket-value-mean = średnia wartość koszyka
feature-basket-value-median = mediana wartości koszyka
feature-basket-value-max = największy koszyk
feature-basket-lines-mean = średnia liczba pozycji w koszyku
feature-basket-products-mean = średnia liczba produktów w koszyku
feature-repeat-orders = ponowne zamówienia
feature-repeat-span-days = dni od pierwszego do ostatniego zakupu
feature-purchase-age-days = dni od pierwszego zakupu
feature-repeat-order-value = wartość ponownego zamówienia
feature-probability-alive = prawdopodobieństwo, że klient jeszcze kupi
feature-expected-orders = oczekiwana liczba zamówień
feature-expected-order-value = oczekiwana wartość zamówienia
feature-expected-value = oczekiwana wartość zakupów
feature-clv = wartość życiowa klienta (CLV)
feature-past-spend = wydatki w poprzednim okresie
feature-past-spend-ratio = wydatki ostatnie do poprzednich
feature-past-spend-decile = decyl poprzednich wydatków
feature-is-declining = dużo wydawał i przestaje
feature-age-band = przedział wieku
feature-generation = pokolenie
feature-birthday-within = czas do urodzin
feature-sex-level = płeć
feature-income-band = przedział dochodu
feature-education-level = wykształcenie
feature-occupation-level = zawód
feature-marital-level = stan cywilny
feature-household-band = wielkość gospodarstwa domowego
feature-children-band = liczba dzieci
feature-employees-band = przedział zatrudnienia
feature-industry-level = branża
feature-revenue-band = przedział obrotów
feature-account-age-years = wiek firmy w latach
feature-account-country = kraj firmy
feature-account-subsidiaries = spółki zależne
feature-account-contacts = osoby kontaktowe
feature-deals-open = otwarte szanse sprzedaży
feature-deals-open-value = wartość otwartych szans
feature-deals-won = wygrane szanse
feature-deals-lost = przegrane szanse
feature-win-rate = odsetek wygranych szans
feature-deals-won-value = wartość wygranych szans
feature-deal-won-mean = średnia wartość wygranej szansy
feature-sales-cycle-days = długość procesu sprzedaży w dniach
feature-gap-days-median = mediana dni między zakupami
feature-gap-days-mean = średnia dni między zakupami
feature-gap-days-max = najdłuższa przerwa między zakupami
feature-gap-days-stddev = odchylenie dni między zakupami
feature-order-days = dni z zakupem
feature-geo-country = kraj
feature-geo-region = region
feature-geo-city = miasto
feature-geo-settlement = rodzaj miejscowości
feature-geo-postal-area = obszar pocztowy
feature-lifecycle = etap cyklu życia
feature-lifecycle-days = rytm zakupów w dniach
feature-loyalty-member = udział w programie lojalnościowym
feature-loyalty-memberships = karty lojalnościowe
feature-loyalty-tier = poziom w programie
feature-loyalty-channel = kanał zapisu do programu
feature-loyalty-tenure-days = dni w programie
feature-loyalty-balance = saldo punktów
feature-loyalty-earned = punkty zdobyte
feature-loyalty-burned = punkty wykorzystane
feature-loyalty-expired = punkty wygasłe
feature-loyalty-burn-ratio = punkty wykorzystane do zdobytych
feature-loyalty-redemptions = wymiany punktów
feature-loyalty-earned-days = dni od zdobycia punktów
feature-loyalty-redeemed-days = dni od wymiany punktów
feature-loyalty-points-expiring = punkty, które wkrótce wygasną
feature-messages-sent = wiadomości wysłane
feature-messages-delivered = wiadomości doręczone
feature-messages-opened = wiadomości otwarte
feature-messages-clicked = wiadomości kliknięte
feature-messages-converted = wiadomości zakończone konwersją
feature-messages-bounced = wiadomości niedoręczone
feature-messages-complained = skargi na wiadomości
feature-messages-unsubscribed = wypisania
feature-message-open-rate = odsetek otwarć
feature-message-click-rate = odsetek kliknięć
feature-message-conversion-rate = odsetek konwersji z wiadomości
feature-message-bounce-rate = odsetek niedoręczeń
feature-message-unsubscribe-rate = odsetek wypisań
feature-message-last-days = dni od ostatniej wiadomości
feature-message-last-open-days = dni od ostatniego otwarcia
feature-message-last-click-days = dni od ostatniego kliknięcia
feature-message-channel = najlepszy kanał wiadomości
feature-message-channel-responses = odpowiedzi w najlepszym kanale
feature-message-channel-delivered = doręczenia w najlepszym kanale
feature-message-channel-rate = odsetek odpowiedzi w najlepszym kanale
feature-message-channel-consent = zgoda na najlepszy kanał
feature-consented-channels = kanały ze zgodą
feature-products-distinct = różne produkty
feature-product-repeat-share = udział produktów kupionych ponownie
feature-product-top-share = udział najczęstszego produktu
feature-product-entropy = różnorodność produktów
feature-categories-distinct = różne kategorie
feature-category-top = najczęstsza kategoria
feature-category-top-share = udział najczęstszej kategorii
feature-category-top3-share = udział trzech najczęstszych kategorii
feature-category-entropy = różnorodność kategorii
feature-promotion-share = udział zakupów w promocji
feature-promotion-value-share = udział wydatków w promocji
feature-promotion-depth = głębokość rabatów
feature-refund-rows = zwroty
feature-refund-row-share = udział zwrotów
feature-refund-value-share = wartość zwrotów do zakupów
feature-refund-last-days = dni od ostatniego zwrotu
feature-due-in-days = dni do spodziewanego zakupu
feature-overdue-ratio = opóźnienie względem rytmu zakupów
feature-recency-days = dni od ostatniego zakupu
feature-frequency = liczba zamówień
feature-monetary = wartość zakupów
feature-tenure-days = dni od pierwszego zakupu
feature-average-order-value = średnia wartość zamówienia
feature-favourite-weekday = ulubiony dzień tygodnia
feature-favourite-hour = ulubiona godzina
feature-weekend-share = udział zakupów w weekend
feature-morning-share = udział zakupów rano
feature-afternoon-share = udział zakupów po południu
feature-evening-share = udział zakupów wieczorem
feature-night-share = udział zakupów w nocy
feature-weekday-entropy = różnorodność dni tygodnia
feature-channel-main = główny kanał zakupu
feature-channel-main-share = udział głównego kanału
feature-channels = kanały zakupu
feature-channel-entropy = różnorodność kanałów
feature-channel-last = kanał ostatniego zakupu
feature-feedback-count = opinie
feature-feedback-last-days = dni od ostatniej opinii
feature-csat-last = ostatnia ocena CSAT
feature-csat-mean = średnia ocena CSAT
feature-csat-count = liczba ocen CSAT
feature-nps-last = ostatnia ocena NPS
feature-nps-group = grupa NPS
feature-nps-count = liczba ocen NPS
feature-rating-mean = średnia ocena
feature-rating-count = liczba ocen
feature-reviews = recenzje
feature-complaints = reklamacje
feature-complaint-last-days = dni od ostatniej reklamacji
feature-season-share-q1 = udział zakupów w I kwartale
feature-season-share-q2 = udział zakupów w II kwartale
feature-season-share-q3 = udział zakupów w III kwartale
feature-season-share-q4 = udział zakupów w IV kwartale
feature-season-concentration = sezonowość zakupów
feature-season-peak-quarter = kwartał z największymi zakupami
feature-survey-questions = pytania w ankietach
feature-survey-answered = udzielone odpowiedzi
feature-survey-coverage = odsetek pytań z odpowiedzią
feature-survey-declared-share = udział odpowiedzi deklarowanych
feature-survey-inferred-share = udział odpowiedzi wywnioskowanych
feature-survey-scored = odpowiedzi z oceną
feature-survey-score-mean = średnia ocena w ankietach
feature-survey-last-days = dni od ostatniej ankiety
feature-spend-recent = wydatki w ostatnim okresie
feature-spend-before = wydatki w okresie wcześniejszym
feature-spend-ratio = wydatki ostatnie do wcześniejszych
feature-spend-slope = trend miesięcznych wydatków
feature-value-gross = zakupy brutto
feature-value-refunded = wartość zwrotów
feature-value-net = zakupy po zwrotach
feature-refund-share = udział zwrotów w zakupach
feature-value-margin = marża kwotowa
feature-margin-rate = stopa marży
feature-discount-rate = stopa rabatu
feature-web-visits = wizyty na stronie
feature-web-active-days = dni aktywności na stronie
feature-web-last-days = dni od ostatniej wizyty
feature-web-events = zdarzenia na stronie
feature-web-page-views = odsłony
feature-web-pages = różne strony
feature-web-views-per-visit = odsłony na wizytę
feature-web-engagement-seconds = czas zaangażowania w sekundach
feature-web-seconds-per-visit = sekundy na wizytę
feature-web-conversions = konwersje na stronie
feature-web-conversion-rate = odsetek konwersji na stronie
feature-web-value = wartość konwersji na stronie
feature-web-device = urządzenie
feature-web-mobile-share = udział wizyt z telefonu
feature-web-desktop-share = udział wizyt z komputera
feature-web-tablet-share = udział wizyt z tabletu
feature-web-medium = źródło ruchu
feature-r-score = ocena R (jak dawno)
feature-f-score = ocena F (jak często)
feature-m-score = ocena M (za ile)

## Names of clusters: what sets one apart. Features of presets, and those that are called like them, have words of their own

trait-average = przeciętni
trait-high = { $feature }: dużo
trait-low = { $feature }: mało
trait-very-high = { $feature }: bardzo dużo
trait-very-low = { $feature }: bardzo mało
trait-is = { $feature }: tak
trait-is-not = { $feature }: nie
trait-has = { $feature }: jest
trait-has-not = { $feature }: brak
trait-level = { $feature } { $level }
trait-one = { $feature }: głównie jedna wartość
trait-rare = { $feature }: rzadkie wartości
trait-unknown = { $feature }: brak danych
trait-channel-main = głównie { $level }
trait-channel-last = ostatnio { $level }
trait-city = miejscowość { $level }
trait-region = region { $level }
trait-country = kraj { $level }
trait-geo-city = miejscowość { $level }
trait-geo-region = region { $level }
trait-geo-country = kraj { $level }
trait-age-band = wiek { $level }
trait-generation = pokolenie { $level }
trait-loyalty-tier = poziom { $level }
trait-category-top = głównie { $level }
trait-web-device = urządzenie { $level }
trait-recency-days-low = kupowali niedawno
trait-recency-days-high = dawno nie kupowali
trait-recency-days-very-high = bardzo dawno nie kupowali
trait-tenure-days-low = nowi klienci
trait-tenure-days-high = stali od lat
trait-frequency-low = kupują rzadko
trait-frequency-high = kupują często
trait-frequency-very-high = kupują bardzo często
trait-baskets-low = kupują rzadko
trait-baskets-high = kupują często
trait-baskets-very-high = kupują bardzo często
trait-order-days-low = kupują rzadko
trait-order-days-high = kupują często
trait-order-days-very-high = kupują bardzo często
trait-monetary-low = wydają mało
trait-monetary-high = wydają dużo
trait-monetary-very-high = wydają najwięcej
trait-value-net-low = wydają mało
trait-value-net-high = wydają dużo
trait-value-net-very-high = wydają najwięcej
trait-value-gross-low = wydają mało
trait-value-gross-high = wydają dużo
trait-value-gross-very-high = wydają najwięcej
trait-average-order-value-low = małe koszyki
trait-average-order-value-high = duże koszyki
trait-average-order-value-very-high = bardzo duże koszyki
trait-basket-value-mean-low = małe koszyki
trait-basket-value-mean-high = duże koszyki
trait-basket-value-mean-very-high = bardzo duże koszyki
trait-basket-value-median-low = małe koszyki
trait-basket-value-median-high = duże koszyki
trait-basket-value-median-very-high = bardzo duże koszyki
trait-basket-lines-mean-low = mało pozycji w koszyku
trait-basket-lines-mean-high = dużo pozycji w koszyku
trait-basket-products-mean-low = mało produktów w koszyku
trait-basket-products-mean-high = dużo produktów w koszyku
trait-promo-share-low = kupują w pełnej cenie
trait-promo-share-high = łowcy promocji
trait-promotion-share-low = kupują w pełnej cenie
trait-promotion-share-high = łowcy promocji
trait-promotion-value-share-low = kupują w pełnej cenie
trait-promotion-value-share-high = łowcy promocji
trait-discount-rate-low = małe rabaty
trait-discount-rate-high = duże rabaty
trait-gift-share-low = kupują dla siebie
trait-gift-share-high = kupują na prezent
trait-store-share-low = rzadko w sklepie
trait-store-share-high = kupują w sklepie
trait-online-share-low = rzadko w internecie
trait-online-share-high = kupują w internecie
trait-weekend-share-low = kupują w dni robocze
trait-weekend-share-high = kupują w weekendy
trait-morning-share-low = rzadko przed południem
trait-morning-share-high = kupują przed południem
trait-afternoon-share-low = rzadko po południu
trait-afternoon-share-high = kupują po południu
trait-evening-share-low = rzadko wieczorem
trait-evening-share-high = kupują wieczorem
trait-night-share-low = rzadko w nocy
trait-night-share-high = kupują w nocy
trait-refund-share-low = prawie bez zwrotów
trait-refund-share-high = dużo zwrotów
trait-refund-row-share-low = prawie bez zwrotów
trait-refund-row-share-high = dużo zwrotów
trait-refund-value-share-low = prawie bez zwrotów
trait-refund-value-share-high = dużo zwrotów
trait-margin-rate-low = niska marża
trait-margin-rate-high = wysoka marża
trait-gap-days-mean-low = kupują w krótkich odstępach
trait-gap-days-mean-high = kupują w długich odstępach
trait-gap-days-median-low = kupują w krótkich odstępach
trait-gap-days-median-high = kupują w długich odstępach
trait-products-distinct-low = mało produktów
trait-products-distinct-high = dużo produktów
trait-categories-distinct-low = mało kategorii
trait-categories-distinct-high = dużo kategorii
trait-product-repeat-share-low = zawsze coś nowego
trait-product-repeat-share-high = kupują to samo
trait-spend-ratio-low = wydają mniej niż przedtem
trait-spend-ratio-high = wydają więcej niż przedtem
trait-spend-slope-low = wydatki maleją
trait-spend-slope-high = wydatki rosną
trait-overdue-ratio-low = jeszcze nie czas na zakup
trait-overdue-ratio-high = zakup spóźniony
trait-probability-alive-low = prawdopodobnie odeszli
trait-probability-alive-high = prawdopodobnie wrócą
trait-clv-low = niska oczekiwana wartość
trait-clv-high = wysoka oczekiwana wartość
trait-clv-very-high = bardzo wysoka oczekiwana wartość
trait-message-open-rate-low = rzadko otwierają wiadomości
trait-message-open-rate-high = otwierają wiadomości
trait-message-click-rate-low = rzadko klikają w wiadomościach
trait-message-click-rate-high = klikają w wiadomościach
trait-web-visits-low = mało wizyt na stronie
trait-web-visits-high = dużo wizyt na stronie
trait-web-conversion-rate-low = wizyty bez zakupu
trait-web-conversion-rate-high = wizyty kończą się zakupem
trait-age-low = młodsi
trait-age-high = starsi
trait-income-low = niskie dochody
trait-income-high = wysokie dochody

## What a segment is like, in one feature each

fact-beside = { $fact } (wszyscy: { $all })
fact-number = { $feature } { $value }
fact-yes = { $feature }: { $share }
fact-no = { $feature }: nie u { $share }
fact-level = { $feature } { $level } { $share }
fact-one-frequency = jedno zamówienie
fact-one-baskets = jedno zamówienie
fact-one-order-days = zakupy jednego dnia
fact-count-recency-days = dni od ostatniego zakupu: { $value }
fact-count-tenure-days = dni od pierwszego zakupu: { $value }
fact-count-frequency = zamówienia: { $value }
fact-count-baskets = zamówienia: { $value }
fact-count-order-days = dni z zakupem: { $value }
fact-money-monetary = { $value } łącznie
fact-money-value-net = { $value } łącznie
fact-money-value-gross = { $value } łącznie przed zwrotami
fact-money-average-order-value = { $value } na zamówienie
fact-money-basket-value-mean = { $value } na zamówienie
fact-money-basket-value-median = połowa zamówień powyżej { $value }
fact-count-basket-lines-mean = pozycje w koszyku: { $value }
fact-count-basket-products-mean = produkty w koszyku: { $value }
fact-share-promo-share = { $value } zakupów w promocji
fact-share-promotion-share = { $value } zakupów w promocji
fact-share-promotion-value-share = { $value } wydatków w promocji
fact-share-discount-rate = rabat { $value }
fact-share-gift-share = { $value } zakupów na prezent
fact-share-store-share = { $value } w sklepie
fact-share-online-share = { $value } w internecie
fact-share-weekend-share = { $value } w weekendy
fact-share-morning-share = { $value } przed południem
fact-share-afternoon-share = { $value } po południu
fact-share-evening-share = { $value } wieczorem
fact-share-night-share = { $value } w nocy
fact-share-refund-row-share = { $value } zakupów zwrócono
fact-share-refund-share = { $value } wydatków zwrócono
fact-share-refund-value-share = { $value } wydatków zwrócono
fact-share-margin-rate = marża { $value }
fact-count-gap-days-mean = dni między zakupami: { $value }
fact-count-gap-days-median = dni między zakupami: { $value }
fact-count-products-distinct = różne produkty: { $value }
fact-count-categories-distinct = kategorie: { $value }
fact-share-product-repeat-share = { $value } produktów kupionych ponownie
fact-money-spend-recent = { $value } ostatnio
fact-share-probability-alive = { $value } szans na kolejny zakup
fact-money-clv = { $value } oczekiwanej wartości
fact-money-expected-value = { $value } oczekiwanych wydatków
fact-count-expected-orders = oczekiwane zamówienia: { $value }
fact-share-message-open-rate = otwierają { $value } wiadomości
fact-share-message-click-rate = klikają w { $value } wiadomości
fact-count-web-visits = wizyty na stronie: { $value }
fact-share-web-conversion-rate = { $value } wizyt kończy się zakupem

## The table at the end of a run

table-title = { $name } ({ $method }): { $customers } { $unit ->
    [account] firm
   *[customer] klientów
}, segmenty: { $segments }
table-title-overlapping = { $name } ({ $method }): { $customers } { $unit ->
    [account] firm
   *[customer] klientów
}, segmenty, które się nakładają: { $segments }
table-segment = segment
table-name = nazwa
table-share = udział
table-apart = co go wyróżnia
table-average = blisko średniej
table-few = mniej niż { $fewest } { $unit ->
    [account] firm
   *[customer] klientów
}
table-empty = bez { $unit ->
    [account] firm
   *[customer] klientów
} { $segments ->
    [one] jest { $segments } segment
    [few] są { $segments } segmenty
   *[many] jest { $segments } segmentów
}
table-more = { $shown } i jeszcze { $more }
table-clustering = jakość grup

## The map of customers

map-title = Mapa klientów
map-shows = Mapa pokazuje { $share } różnic między { $unit ->
    [account] firmami
   *[customer] klientami
}.
map-axes = { $unit ->
    [account] Na prawo leżą firmy, które wyróżnia: { $right }; u góry te, które wyróżnia: { $up }.
   *[customer] Na prawo leżą klienci, których wyróżnia: { $right }; u góry ci, których wyróżnia: { $up }.
}
map-high = dużo: { $feature }
map-low = mało: { $feature }
map-yes = { $feature }
map-no = brak: { $feature }
map-known = znane: { $feature }
map-unknown = nieznane: { $feature }
map-level = { $feature }: { $level }
map-not-level = inne niż { $feature }: { $level }
map-together = Najbardziej pokrywają się { $left } i { $right }: { $share } każdego leży tam, gdzie drugi.
map-all-apart = Narysowane segmenty leżą na niej osobno: mniej niż { $share } każdego leży tam, gdzie inny.
map-nowhere = Nie da się narysować: { $names }. Nigdzie na mapie nie ma razem { $fewest } z segmentu.
map-apart = Osobno od wszystkich innych { $segments ->
    [one] leży na niej
   *[other] leżą na niej
} { $names }.
map-caption = Ta sama mapa raz dla każdego segmentu: cień jest tam, gdzie narysowano { $unit ->
    [account] firmy
   *[customer] klientów
} dowolnego segmentu, a im pełniejszy sześciokąt, tym większa część segmentu tam leży; najpełniejszy jest wypełniony. Linie przecinają się w średniej wszystkich. Co leży tu osobno, jest osobne; co się tu pokrywa, może się różnić w tym, czego mapa nie pokazuje.
map-hidden = Nie narysowano { $customers } z { $of } { $unit ->
    [account] firm
   *[customer] klientów
}: leżą w sześciokątach, w których jest ich mniej niż { $fewest } z segmentu.
map-beyond-across = Dalej na lewo lub prawo, niż sięga mapa, leży { $customers } { $unit ->
    [account] firm
   *[customer] klientów
}; narysowano { $unit ->
    [account] je
   *[customer] ich
} na jej brzegu.
map-beyond-upwards = Dalej w dół lub w górę, niż sięga mapa, leży { $customers } { $unit ->
    [account] firm
   *[customer] klientów
}; narysowano { $unit ->
    [account] je
   *[customer] ich
} na jej brzegu.
map-not-drawn = W map.parquet { $segments ->
    [one] jest jeszcze jeden segment
    [few] są jeszcze { $segments } segmenty
   *[many] jest jeszcze { $segments } segmentów
}.
map-table = Gdzie leży każdy segment, w odchyleniach standardowych pierwszej osi
map-axes-table = Z czego składają się osie mapy
head-drawn = narysowani
head-not-drawn = nienarysowani
head-middle-across = środek w poziomie
head-middle-upwards = środek w pionie
head-hexagons = sześciokąty
head-overlaps-most = najbardziej pokrywa się z
head-across = w poziomie
head-upwards = w pionie
