use super::{listed, read, read_changed};
use segmenter_proto::{jobs::*, methods::*};

#[test]
fn variables_are_filled_only_within_text_values() {
    let changes =
        [("name = \"small\"", "name = \"small\"\nenv = [\"LAKE\"]\n# ${NOBODY}"), ("\"out\"", "\"${LAKE}/x\"")];
    assert_eq!(read_changed(&changes).unwrap().job.output.uri, "s3://lake/x");
    let text = super::SMALL.replace("city = \"city\"", "\"${LAKE}\" = \"city\"");
    assert_eq!(read(&text).unwrap().job.sources[0].columns[1].name, "${LAKE}", "a key is no value");
}

#[test]
fn rows_of_a_customer_may_be_kept_by_a_column() {
    let kept = ("columns = {", "duplicates = { keep = \"last\", by = \"city\" }\ncolumns = {");
    assert_eq!(read_changed(&[kept]).unwrap().job.sources[0].duplicates, Duplicates::KeepLast("city".into()));
    let refused = ("columns = {", "duplicates = { keep = \"last\", by = \"cities\" }\ncolumns = {");
    let said = listed(&[refused]);
    assert!(said.contains("`cities` is not a name of [source.columns]"), "{said}");
}

#[test]
fn an_exact_suffix_names_the_scored_features() {
    let job = read_changed(&[(
        "[[segmentation]]\nname = \"behaviour\"\nmethod = \"kmeans\"\nfeatures = [\"recency_days\", \"frequency\"]\nk = 3",
        "[features]\npresets = [{ name = \"rfm\", window = \"90d\", suffix = \"_90\" }, { name = \"rfm\" }]\n\
         [[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n\
         [[segmentation]]\nname = \"behaviour\"\nmethod = \"kmeans\"\nfeatures = [\"r_score\", \"city\", \"monetary_90\"]\nk = 3",
    )])
    .unwrap_or_else(|errors| panic!("{errors}"))
    .job;
    let Method::Rfm(rfm) = &job.segmentations[0].method else { panic!() };
    assert_eq!((rfm.recency.as_str(), rfm.monetary.as_str()), ("recency_days_90", "monetary_90"));
    assert_eq!(rfm.monetary_bins, Bins::Quantiles(5));
}

#[test]
fn a_large_seed_and_a_chosen_run_are_kept() {
    let job = read_changed(&[
        ("currency = \"EUR\"", "currency = \"EUR\"\nseed = 0x7fff_ffff_ffff_ffff"),
        ("{ uri = \"out\" }", "{ uri = \"out\", previous = \"2026-11-20-0123456789ab\", quarantine = \"counts\" }"),
    ])
    .unwrap()
    .job;
    assert_eq!(job.seed, i64::MAX as u64);
    assert_eq!(job.output.previous, Previous::Run("2026-11-20-0123456789ab".into()));
}

#[test]
fn people_are_told_in_a_language_that_there_are_words_of() {
    let told_in = |code: &str| {
        let changed = format!("{{ uri = \"out\" }}\nreport = {{ language = \"{code}\" }}");
        ("{ uri = \"out\" }", changed)
    };
    let (of, changed) = told_in("pl");
    assert_eq!(read_changed(&[(of, &changed)]).unwrap().job.report.language.code(), "pl");
    assert_eq!(read_changed(&[]).unwrap().job.report, Report::default());
    let (of, changed) = told_in("po");
    let said = listed(&[(of, &changed)]);
    assert!(said.contains("\"po\"") && said.contains("did you mean \"pl\"?"), "{said}");
}

#[test]
fn rules_may_name_segmentations_above_and_columns_named_like_those_below() {
    let above = ("recency_days > 90", "behaviour = 'c01' and city <> 'targets'");
    assert!(read_changed(&[above]).is_ok());
}

#[test]
fn weights_are_of_each_feature() {
    let weights = |more: &str| {
        let job = read_changed(&[("k = 3", &format!("k = 3\n{more}"))]).unwrap().job;
        let Method::Kmeans(kmeans) = &job.segmentations[0].method else { panic!("not kmeans") };
        kmeans.space.weights.clone().unwrap()
    };
    assert_eq!(weights(""), [1.0, 1.0]);
    assert_eq!(weights("weights = { frequency = 0.5 }"), [1.0, 0.5]);
    assert_eq!(weights("weights = { default = 3, frequency = 0.01 }"), [3.0, 0.01]);
}

#[test]
fn one_wrong_value_of_many_is_one_error() {
    for (change, expected) in [
        (("k = 3", "k = 1"), "expected a whole number from 2 to 256"),
        (("k = 3", "k = 2.5"), "expected a whole number from 2 to 256, or a table"),
        (("k = 3", "k = { min = 4, max = 300 }"), "expected a whole number from 2 to 256"),
        (("k = 3", "k = { min = 9, max = 4 }"), "`min` 9 is above `max` 4"),
        (("k = 3", "k = { min = 3, max = 4, min_share = 0.4 }"), "3 segments cannot each have a share of 0.4"),
        (("k = 3", "k = 3\nwinsorise = 0.3"), "expected a number from 0 to 0.25"),
        (("k = 3", "k = 3\nrestarts = 0"), "expected a whole number from 1 to 100"),
        (("k = 3", "k = 3\nwinsorise = nan"), "expected a number from 0 to 0.25"),
        (("k = 3", "k = 3\nnames = { c4 = 'x' }"), "`c4` is not the key of a cluster"),
        (("k = 3", "k = 3\nnames = { c4 = 'x' }"), "a key such as c01"),
        (("k = 3", "k = 3\ntransform = { monetary = 'log' }"), "`monetary` is not a feature of this segmentation"),
        (("k = 3", "k = 3\nweights = { monetary = 2 }"), "`monetary` is not a feature of this segmentation"),
        (("k = 3", "k = 3\nweights = { frequency = 0 }"), "expected a number from 0.01 to 100; a feature"),
        (("k = 3", "k = 3\nweights = { frequency = 101 }"), "expected a number from 0.01 to 100"),
        (("k = 3", "k = 3\nweights = { frequency = 'high' }"), "expected a number from 0.01 to 100"),
        (("k = 3", "k = 3\nweights = { frequency = nan }"), "expected a number from 0.01 to 100"),
        (("k = 3", "k = 3\nscale = 'zcore'"), "did you mean \"zscore\"?"),
        (("k = 3", "k = 3\nbins = 5"), "`bins` belongs to method \"rfm\""),
        (("k = 3", "k = 3\nwhere = ' '"), "`segmentation.where` is empty"),
        (("\"frequency\"]", "\"frequenzy\"]"), "did you mean `frequency`?"),
        (("\"frequency\"]", "\"amount\"]"), "make a feature of it in [[features.custom]]"),
        (("\"frequency\"]", "\"recency_days\"]"), "feature `recency_days` is listed twice"),
        (("[\"recency_days\", \"frequency\"]", "[]"), "`segmentation.features` is empty"),
        (("name = \"lapsing\"", "name = \"other\""), "\"other\" is a reserved segment key"),
        (("name = \"lapsing\"", "name = \"Lapsing VIP\""), "write \"lapsing_vip\""),
        (("name = \"behaviour\"", "name = \"frequency\""), "also the name of a feature"),
        (("city = \"city\"", "monetary = \"city\""), "`monetary` is also the name of a feature"),
        (("name = \"orders\"", "name = \"all\""), "a source cannot be named `all`"),
        (("currency = \"EUR\"", "currency = \"eur\""), "write \"EUR\""),
        (("currency = \"EUR\"", "currency = \"EUR\"\ntimezone = \"Europe/Varsaw\""), "did you mean \"Europe/Warsaw\"?"),
        (("name = \"small\"", "name = \"Small job\""), "small letters, digits and `-`"),
        (("format_version = 1", "format_version = 2"), "expected a whole number, 1"),
        (("\"out\"", "\"htp://x\""), "expected a path, file://, s3://, gs:// or az://"),
        (("\"out\"", "\"s3://key:secret@bucket/x\""), "holds credentials"),
        (("\"out\" }", "\"out\", previous = \"newest\" }"), "is not a run's id"),
        (("uri = \"orders/\"", "uri = \"orders/\"\nkey = ['line']"), "`line` is not a name of [source.columns]"),
        (
            ("uri = \"orders/\"", "uri = \"orders/\"\nduplicates = 'error'"),
            "`duplicates = \"error\"` is for sources of kind customers",
        ),
        (
            ("uri = \"orders/\"", "uri = \"orders/\"\nduplicates = { keep = 'last', by = 'time' }"),
            "`duplicates` stands without `key`",
        ),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { delimiter = ';;' }"), "expected one ASCII character"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { comment = '//' }"), "expected one ASCII character"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { comment = ',' }"), "a character that no row begins with"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { skip_rows = 10001 }"), "from 0 to 10000"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { encoding = 'windows-1205' }"), "did you mean windows-125"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { encoding = 'latin-1' }"), "did you mean latin1?"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ncsv = { encoding = 'ebcdic-cp-us' }"), "convert the files to UTF-8"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ntypes = { a = 'integer' }"), "expected text, bool, int"),
        (("uri = \"orders/\"", "uri = \"orders/\"\ntypes = { a = 'timestmp(%s)' }"), "did you mean timestamp?"),
        (("uri = \"orders/\"", "uri = \"orders/\"\npartitions = { column = 'dt' }"), "says not what to read"),
        (("uri = \"orders/\"", "uri = \"orders/\"\npartitions = { column = 'dt', from = '1y' }"), "`from` is \"1y\""),
        (("time = \"ordered_at\"\n", ""), "missing column `time` of a source of kind transactions"),
        (("amount = \"value\"", "amonut = \"value\""), "is `amonut` meant? rename it to `amount`"),
        (("kind = \"transactions\"", "kind = \"customers\""), "there is no feature `recency_days`"),
    ] {
        let said = listed(&[change]);
        assert!(said.contains(expected), "{change:?} said:\n{said}");
        let follow_ups = if change.1.contains("kind =") { 9 } else { 1 };
        assert!(said.lines().count() <= follow_ups, "{change:?} said more than once:\n{said}");
    }
}

#[test]
fn nothing_is_said_about_names_that_a_mistake_hides() {
    let uses_city = ("\"frequency\"]", "\"frequency\", \"city\"]");
    assert!(read_changed(&[uses_city]).is_ok());
    for hides in [("kind = \"customers\"", "kind = \"customer\""), ("name = \"clients\"", "name = 5")] {
        let said = listed(&[uses_city, hides]);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let said = listed(&[("[[segmentation]]", "[features]\npresets = \"rfm\"\n[[segmentation]]")]);
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn gates_presets_and_populations_are_checked() {
    for (added, expected) in [
        ("[quality]\ngate = [{ source = 'orders', check = 'freshness', max = 36 }]", "there is no check `freshness`"),
        ("[quality]\ngate = [{ source = 'order', check = 'rows_min', min = 3 }]", "did you mean `orders`?"),
        ("[quality]\ngate = [{ source = 'orders', check = 'rows_min', max = 3 }]", "missing key `min`"),
        ("[quality]\ngate = [{ source = 'orders', check = 'null_share', max = 0.1 }]", "missing key `column`"),
        (
            "[quality]\ngate = [{ source = 'orders', check = 'duplicate_share', max = 7 }]",
            "expected a share from 0 to 1",
        ),
        ("[quality]\ngate = [{ source = 'clients', check = 'freshness_hours', max = 7 }]", "has no times"),
        ("[quality]\nmax_anonymous_share = 35", "expected a number from 0 to 1"),
        ("[features]\npresets = [{ name = 'rfn' }, { name = 'rfm' }]", "did you mean `rfm`?"),
        (
            "[features]\npresets = [{ name = 'rfm' }, { name = 'rfm', window = '90d' }]",
            "expected a `suffix` of its own",
        ),
        ("[features]\npresets = [{ name = 'rfm', window = '3m' }]", "expected days such as \"365d\""),
        ("[features]\npresets = ['rfm', { name = 'rfm', window = 5 }]", "window` is a whole number"),
        ("[features]\npresets = ['rfm', 5]", "`features.presets` is a whole number"),
        ("[features]\npresets = ['rfm', 'gap']", "did you mean `gaps`?"),
        ("[[features.custom]]\nname = 'frequency'\nexpression = 'count(*)'", "two features are named `frequency`"),
        ("[[features.custom]]\nname = 'x'\nexpression = 'sum(1)'\nsources = ['clients']", "is of kind customers"),
        ("[[features.custom]]\nname = 'default'\nexpression = 'sum(1)'", "a feature cannot be named `default`"),
        ("[population]\nfrom = 'orders'", "expected a source of kind customers, or \"all\""),
        ("[population]\nexclude = 'is_test'", "`exclude` stands without a source"),
        ("[population]\nexclude_list = { uri = 'x.csv' }", "missing key `customer_id`"),
        (
            "[population]\nexclude_list = { uri = 'x.csv', customer_id = 'id', csv = { encoding = 'utf16' } }",
            "did you mean utf-16?",
        ),
        (
            "[[segmentation]]\nname = 'value'\nmethod = 'rfm'\nbins = { monetary = [5, 3] }",
            "the cuts of `monetary` do not rise",
        ),
        ("[[segmentation]]\nname = 'value'\nmethod = 'rfm'\nbins = { monetary = 11 }", "a whole number from 2 to 10"),
        ("[[segmentation]]\nname = 'value'\nmethod = 'kmean'", "did you mean \"kmeans\"?"),
        ("[[segmentation]]\nname = 'value'", "missing key `method`"),
    ] {
        let said = read(&format!("{}\n{added}\n", super::SMALL)).unwrap_err().to_string();
        assert!(said.contains(expected), "{added} said:\n{said}");
    }
}

#[test]
fn a_code_page_that_is_not_read_is_not_taken_for_another() {
    let said = |encoding: &str| {
        let list =
            format!("exclude_list = {{ uri = 'x.csv', customer_id = 'id', csv = {{ encoding = '{encoding}' }} }}");
        read(&format!("{}\n[population]\n{list}\n", super::SMALL)).unwrap_err().to_string()
    };
    for page in ["ibm852", "cp437", "windows-1259", "iso-8859-12"] {
        let said = said(page);
        assert!(said.contains(&format!("\"{page}\" is not an encoding of the WHATWG standard")), "{said}");
        assert!(said.contains("as iconv -f … -t UTF-8 does") && !said.contains("did you mean"), "{said}");
    }
    assert!(said("windows1250").contains("did you mean windows-1250?"));
}
