//! Names and values that would break a page, and runs that would make it too large.

use super::{
    fixture::{Mapped, map, map_axes, profile, profiles, run, segments},
    html::assert_page,
};
use crate::page::gather::page_of;

const NAMES: [&str; 5] = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"quoted\" & 'single' </title></style>",
    "العملاء الذين يشترون كل أسبوع من المتجر ويستخدمون القسائم في كل مرة تقريباً",
    "👩‍👩‍👧‍👦🎁 Klubowicze, którzy kupują prezenty najczęściej ze wszystkich w grudniu 🎄🎄",
    "\u{1b}[31mred\u{0}\r\nnext line\u{202e}turned",
];

#[test]
fn names_are_text_and_nothing_else() {
    let named: Vec<(&str, String, &str)> =
        NAMES.iter().enumerate().map(|(at, name)| ("be<haviour>", format!("c{at}"), *name)).collect();
    let of: Vec<(&str, &str, &str, i64)> =
        named.iter().map(|(segmentation, key, name)| (*segmentation, key.as_str(), *name, 100)).collect();
    let rows: Vec<_> = named
        .iter()
        .flat_map(|(segmentation, key, name)| {
            [
                profile(segmentation, key, (name, None), 100, [1.0, 2.0, 0.7]),
                profile(segmentation, key, ("level", Some(name)), 100, [0.5, 0.3, 0.6]),
            ]
        })
        .collect();
    let job = "name = \"club\"\n# </code></pre><script>alert(3)</script> https://example.org/\n";
    let data = run(job, vec![("segments", segments(&of)), ("profiles", profiles(&rows))]);
    let text = String::from_utf8(page_of(&data).unwrap().to_vec()).unwrap();
    assert_page(&text, 120_000);
    for wrong in ["<script>alert", "<img", "<haviour", "\u{1b}", "\u{0}", "\r"] {
        assert!(!text.contains(wrong), "{wrong:?}");
    }
    assert!(text.contains("&#60;script&#62;alert(1)") || text.contains("&lt;script&gt;alert(1)"), "it is told as text");
    assert!(text.contains(NAMES[2]) && text.contains('🎄'));
}

#[test]
fn a_run_of_many_segments_and_features_still_has_a_small_page() {
    let name = "długa nazwa segmentu, العملاء, 🎁 ".repeat(3).chars().take(80).collect::<String>();
    let segmentations = ["one", "two", "three", "four"];
    let keys: Vec<String> = (0..40).map(|at| format!("c{at:02}")).collect();
    let names: Vec<String> = (0..40).map(|at| format!("{at} {name}")).collect();
    let of: Vec<(&str, &str, &str, i64)> = segmentations
        .iter()
        .flat_map(|own| keys.iter().zip(&names).map(|(key, name)| (*own, key.as_str(), name.as_str(), 1000)))
        .collect();
    let features: Vec<String> = (0..60).map(|at| format!("feature {at} {name}")).collect();
    let mut rows = Vec::new();
    for own in segmentations {
        for (at, key) in keys.iter().enumerate() {
            for (number, feature) in features.iter().enumerate() {
                let z = (at as f64 - 20.0) * (number as f64 + 1.0) / 600.0;
                rows.push(profile(own, key, (feature, None), 1000, [100.0 + z, 100.0, z]));
            }
        }
    }
    // A map of each segment that is full.
    let places = (-15..=15).flat_map(|q| (-15..=15).map(move |r| [q, r]));
    let places: Vec<[i32; 2]> = places.collect();
    let mapped: Vec<Mapped<'_>> =
        keys.iter().flat_map(|key| places.iter().map(|place| (key.as_str(), Some(*place), 20))).collect();
    let tables = vec![
        ("segments", segments(&of)),
        ("profiles", profiles(&rows)),
        ("map", map(&mapped, "one")),
        ("map_axes", map_axes("one")),
    ];
    let data = run("name = \"club\"\n", tables);
    let text = String::from_utf8(page_of(&data).unwrap().to_vec()).unwrap();
    assert_page(&text, 1_000_000);
    assert!(text.len() > 200_000, "{} bytes: so much is there to tell", text.len());
}
