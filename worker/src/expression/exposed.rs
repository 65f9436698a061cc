//! The names whose values an expression or a query may show as they are.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr as Syntax, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart, Visit,
    visit_expressions,
};
use sqlparser::tokenizer::Location;

use super::error::{Position, position_of};
use super::{ExpressionError, query_names, syntax};

/// A name whose values may be seen in what an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The name, without its table.
    pub name: String,
    /// Where it stands first.
    pub position: Option<Position>,
}

/// What a query may show of its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedByQuery {
    /// Columns, of whatever table.
    pub names: Vec<Exposed>,
    /// Tables, and queries of its own `with`.
    pub tables: BTreeSet<String>,
    /// Whether it takes all columns of a table (`*`).
    pub every_column: bool,
}

/// Gives the names whose values an expression may show: all that stand anywhere but in a function that blunts them.
///
/// # Errors
/// The text is no expression.
pub fn exposed(sql: &str) -> Result<Vec<Exposed>, ExpressionError> {
    Ok(exposed_of(&syntax::parse(sql)?))
}

/// Does the same for a query.
///
/// # Errors
/// The text is no query.
pub fn exposed_by_query(sql: &str) -> Result<ExposedByQuery, ExpressionError> {
    let named = query_names(sql)?;
    let names = exposed_of(syntax::parse_query(sql)?.as_ref());
    Ok(ExposedByQuery { names, tables: named.tables, every_column: named.every_column })
}

fn exposed_of(part: &impl Visit) -> Vec<Exposed> {
    let mut blunted: BTreeSet<Location> = BTreeSet::new();
    let _: ControlFlow<()> = visit_expressions(part, |part| {
        if let Syntax::Function(call) = part {
            blunted.extend(blunts(call).map(|name| name.span.start));
        }
        ControlFlow::Continue(())
    });
    let mut found: Vec<Exposed> = Vec::new();
    let _: ControlFlow<()> = visit_expressions(part, |part| {
        let name = match part {
            Syntax::Identifier(name) => Some(name),
            Syntax::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        // A name without a place could be any other.
        let is_shown = |name: &&Ident| name.span.start.line == 0 || !blunted.contains(&name.span.start);
        if let Some(name) = name.filter(is_shown)
            && found.iter().all(|known| known.name != name.value)
        {
            found.push(Exposed { name: name.value.clone(), position: position_of(name.span.start) });
        }
        ControlFlow::Continue(())
    });
    found
}

/// Gives the name that a call blunts. A date becomes a band of age; of other texts than a postal code, the first two letters may be all.
fn blunts(call: &Function) -> Option<&Ident> {
    let [ObjectNamePart::Identifier(function)] = call.name.0.as_slice() else { return None };
    let FunctionArguments::List(list) = &call.args else { return None };
    let [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] = list.args.as_slice() else { return None };
    let name = column(argument)?;
    match function.value.to_lowercase().as_str() {
        "age_band" => Some(name),
        "region_of" if name.value == "postal_code" => Some(name),
        _ => None,
    }
}

/// Gives the name of a column that an argument is, as it is or cast.
fn column(argument: &Syntax) -> Option<&Ident> {
    match argument {
        Syntax::Identifier(name) => Some(name),
        Syntax::CompoundIdentifier(parts) => parts.last(),
        Syntax::Nested(inner) => column(inner),
        Syntax::Cast { expr, .. } => column(expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        exposed(sql).unwrap().into_iter().map(|exposed| exposed.name).collect()
    }

    #[test]
    fn a_name_is_shown_wherever_it_stands_but_in_a_function_that_blunts_it() {
        for (sql, shown) in [
            ("income > 5 and age_band(birth_date) = '18-24'", vec!["income"]),
            ("AGE_BAND((cast(birth_date as date))) = region_of(postal_code)", vec![]),
            ("age_band(birth_date) = 'x' or birth_date is null", vec!["birth_date"]),
            ("age_band(case when sex = 'F' then birth_date end)", vec!["sex", "birth_date"]),
            // The first two letters of these are all of them, or most.
            ("region_of(sex) = 'F' or region_of(email) = 'A'", vec!["sex", "email"]),
            ("region_of(upper(postal_code))", vec!["postal_code"]),
            ("count(distinct sex) filter (where phone is null)", vec!["sex", "phone"]),
            ("population_bin(income, 4) + income", vec!["income"]),
            ("\"sex\" = 'sex'", vec!["sex"]),
        ] {
            assert_eq!(names(sql), shown, "{sql}");
        }
    }

    #[test]
    fn queries_show_names_in_every_part_of_them() {
        let by = |sql: &str| exposed_by_query(sql).unwrap();
        let query = by(
            "with a as (select customer_id, age_band(c.birth_date) as band from customers c where c.sex = 'F') \
                        select customer_id, band, max(row_number() over (partition by customer_id order by income)) from a \
                        join orders o on o.customer_id = a.customer_id and o.phone = a.band group by customer_id, email having max(fax) > 1",
        );
        let names: Vec<&str> = query.names.iter().map(|exposed| exposed.name.as_str()).collect();
        for name in ["sex", "income", "phone", "email", "fax"] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        assert!(!names.contains(&"birth_date"), "{names:?}");
        assert!(query.tables.contains("customers") && query.tables.contains("orders") && !query.every_column);
        let sex = query.names.iter().find(|exposed| exposed.name == "sex").unwrap();
        assert_eq!(sex.position, Some(Position { line: 1, column: 88 }));
        assert!(
            by("select o.* from orders o").every_column
                && by("select customer_id from (select * from a) b").every_column
        );
    }
}
