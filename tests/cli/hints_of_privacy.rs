//! Every hint on persons and what of them may be used, followed: the run then works.

use crate::hints::{hint, with, with_orders, works};

/// A job over orders and persons, with what else stands in it.
fn of_persons(sections: &str) -> String {
    with(&format!(
        "[[source]]\nname = \"customers\"\nkind = \"customers\"\nuri = \"@IN@/customers.csv\"\nsensitive = [\"club\"]\n\
         types = {{ born = \"date(%Y-%m-%d)\", income = \"int\" }}\n\
         columns = {{ customer_id = \"id\", birth_date = \"born\", income = \"income\", postal_code = \"zip\", club = \"club\" }}\n{sections}"
    ))
}

/// Asserts that a job over persons is refused, and works with one text for another in it.
#[track_caller]
fn mended_of_persons(text: &str, from: &str, to: &str) {
    let workspace = with_orders();
    workspace.write("in/customers.csv", "id,born,income,zip,club\nC1,1980-01-31,1000,30-001,a\nC2,,2000,00-950,b\n");
    drop(workspace.failing(&workspace.job(text), 2));
    assert!(text.contains(from), "{from} in {text}");
    works(&workspace, &text.replace(from, to));
}

#[test]
fn personal_columns() {
    let privacy = "[privacy]\nmin_cell = 20\n";
    let derived =
        |sql: &str| of_persons(&format!("{privacy}[[features.derived]]\nname = \"own\"\nexpression = \"{sql}\"\n"));
    hint("personal_columns", "where its use is lawful and meant, let it pass: [privacy] allow = [\"income\"]");
    mended_of_persons(&derived("floor(income / 1000)"), privacy, "[privacy]\nallow = [\"income\"]\n");
    hint("personal_columns", "use age_band(birth_date) in its place");
    mended_of_persons(&derived("coalesce(birth_date, '?')"), "coalesce(birth_date", "coalesce(age_band(birth_date)");
    hint("personal_columns", "use region_of(postal_code) in its place");
    mended_of_persons(&derived("lower(postal_code)"), "postal_code)\"", "region_of(postal_code))\"");
    hint("personal_columns", "make a derived feature of age_band(birth_date)");
    let clusters =
        "[[segmentation]]\nname = \"b\"\nmethod = \"kmeans\"\nfeatures = [\"frequency\", \"birth_date\"]\nk = 2\n";
    mended_of_persons(
        &(derived("age_band(birth_date)") + clusters),
        "\"frequency\", \"birth_date\"",
        "\"frequency\", \"own\"",
    );
    hint("personal_columns", "name the columns that are needed");
    let query = |columns: &str| {
        of_persons(&format!(
            "[[features.sql]]\nname = \"q\"\nquery = \"select customer_id, count(*) as n from (select {columns} from customers) group by customer_id\"\n"
        ))
    };
    mended_of_persons(&query("*"), "select *", "select customer_id");
}

#[test]
fn privacy_that_is_wrong() {
    hint("privacy_that_is_wrong", "map an id that tells nothing of the person");
    let source = of_persons("").replace("[\"club\"]", "[\"customer_id\"]");
    mended_of_persons(&source, "sensitive = [\"customer_id\"]\n", "");
    hint("privacy_that_is_wrong", "did you mean `club`?");
    mended_of_persons(&of_persons("").replace("[\"club\"]", "[\"clubb\"]"), "\"clubb\"", "\"club\"");
    hint("allow_of_no_such_name", "did you mean `income`?");
    mended_of_persons(&of_persons("[privacy]\nallow = [\"incom\"]\n"), "\"incom\"", "\"income\"");
}
