//! Values by hand: six customers, two segmentations.

use super::world::Folder;

#[test]
fn rows_of_everybody_are_looked_at_together() {
    let folder = Folder::new();
    for (sql, expected) in [
        ("select count(*), sum(visits), avg(visits), count(distinct city) from features", "6 7 1.1666666666666667 3"),
        // 1e16 + 1 − 1e16 + 0.6 in any order, as one group and as one of several.
        ("select sum(weight) from features", "1.6"),
        (
            "select visits / visits as one, sum(weight) from features where visits > 1 group by visits / visits",
            "1.0 -1e16",
        ),
        (
            "select median(weight), stddev(visits), mode(city), max(customer_id) from features where visits < 2",
            "0.65 0.5773502691896257 Aš c00005",
        ),
        ("select count(*), sum(visits), min(city) from features where false", "0 - -"),
        ("select count(*) from features having count(*) > 6", ""),
        ("select 'x' from features limit 2", "x | x"),
        ("select count(*) from (select 1 + 1 as two from features)", "6"),
        ("select count(*) from (select count(*) as n from features)", "1"),
        ("select city, count(*) from features group by city", "Aš 1 | Brno 2 | Łódź 2 | - 1"),
        (
            "select city, count(*) as n from features group by city having count(*) > 1 order by n, city desc",
            "Łódź 2 | Brno 2",
        ),
        ("select city from features group by city order by sum(visits) desc, city", "Łódź | Brno | Aš | -"),
        ("select distinct city from features order by 1 desc", "- | Łódź | Brno | Aš"),
        ("select distinct visits % 2 as odd from features", "0 | 1"),
    ] {
        assert_eq!(folder.line(sql), expected, "{sql}");
    }
}

#[test]
fn rows_have_an_order_and_can_be_cut() {
    let folder = Folder::new();
    for (sql, expected) in [
        ("select customer_id from features limit 2", "c00000 | c00001"),
        ("select customer_id from features limit 2 offset 5", "c00005"),
        ("select customer_id from features order by visits desc, customer_id limit 3", "c00003 | c00002 | c00001"),
        // What is equal in the order is ordered by all columns.
        (
            "select visits, customer_id from features order by visits",
            "0 c00000 | 0 c00004 | 1 c00001 | 1 c00005 | 2 c00002 | 3 c00003",
        ),
        ("select customer_id from features order by city nulls first, weight limit 3", "c00001 | c00005 | c00002"),
        ("select customer_id from features order by upper(city) desc, -weight limit 2", "c00001 | c00000"),
        (
            "select * from (select customer_id, weight from features order by weight limit 2) order by weight desc",
            "c00003 0.1 | c00002 -1e16",
        ),
        ("select city, n from (select city, count(*) as n from features group by city limit 2)", "Aš 1 | Brno 2"),
        ("select customer_id from features order by customer_id limit 0", ""),
        ("select customer_id as x from features order by x desc limit 1", "c00005"),
    ] {
        assert_eq!(folder.line(sql), expected, "{sql}");
    }
}

#[test]
fn tables_are_joined_by_what_is_equal() {
    let folder = Folder::new();
    for (sql, expected) in [
        (
            "select segment, count(*) as n, sum(weight) as w from assignments a join features f on f.customer_id = a.customer_id where segmentation = 'value' group by segment",
            "big 3 0.2 | small 3 1.4",
        ),
        ("select segmentation, count(*) from assignments group by segmentation", "loyalty 6 | value 6"),
        (
            "select a.customer_id from features a left join features b on a.city = b.city and b.visits > 2 where b.city is null order by 1",
            "c00001 | c00002 | c00004 | c00005",
        ),
        (
            "select b.customer_id, a.city from features a right join features b on a.city = b.city and a.visits > 2 order by 1 limit 2",
            "c00000 Łódź | c00001 -",
        ),
        ("select count(*) from features cross join (select max(visits) as m from features) where visits = m", "1"),
        ("select count(*) from features a join features b on a.visits < b.visits", "13"),
        ("select count(*) from features a join features b on a.visits + 1 = b.visits and a.city <> b.city", "4"),
        (
            "select customer_id from features where visits = 3 union all select city from features where visits = 3",
            "c00003 | Łódź",
        ),
        ("select count(*) from (select city from features union select city from features)", "4"),
        (
            "with big as (select customer_id from assignments where segment = 'big' and segmentation = 'loyalty') select f.customer_id, city from big join features f on f.customer_id = big.customer_id",
            "c00000 Łódź | c00003 Łódź",
        ),
        (
            "select * from features f join assignments a on a.customer_id = f.customer_id where visits = 3 and segmentation = 'value'",
            "c00003 Łódź 3 0.1 value c00003 small",
        ),
    ] {
        assert_eq!(folder.line(sql), expected, "{sql}");
    }
}

#[test]
fn windows_go_over_all_rows() {
    let folder = Folder::new();
    for (sql, expected) in [
        (
            "select customer_id, sum(visits) over (order by customer_id) as s from features limit 3",
            "c00000 0 | c00001 1 | c00002 3",
        ),
        (
            "select city, row_number() over (partition by city order by weight desc) as r from features order by city, r",
            "Aš 1 | Brno 1 | Brno 2 | Łódź 1 | Łódź 2 | - 1",
        ),
        ("select count(*) over () as n, ntile(2) over (order by customer_id) as half from features limit 1", "6 1"),
        (
            "select city, rank() over (order by count(*) desc) as r from features group by city order by r, city",
            "Brno 1 | Łódź 1 | Aš 3 | - 3",
        ),
    ] {
        assert_eq!(folder.line(sql), expected, "{sql}");
    }
}

#[test]
fn columns_have_the_names_that_are_written() {
    let folder = Folder::new();
    assert_eq!(
        folder.names("select city, count(*), sum(visits) filter (where visits > 1) as big from features group by city"),
        ["city", "count(*)", "big"]
    );
    assert_eq!(
        folder.names(
            "select a.customer_id, b.customer_id, 1 as customer_id_2 from features a join features b on a.city = b.city"
        ),
        ["customer_id", "customer_id_2", "customer_id_2_2"]
    );
    assert_eq!(folder.names("select * from features order by weight + 1"), ["customer_id", "city", "visits", "weight"]);
}
