//! From text to a syntax tree, and the names in it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr as Syntax, Function, FunctionArguments, Ident, Query, SelectItem, SetExpr, Spanned, Value, Visit, Visitor,
    visit_expressions, visit_relations,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::error::{Position, position_of};
use super::{ExpressionError, registry};

/// Longest text of an expression, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Most operators of an expression: each may nest one level, and a level costs stack.
const MAX_OPERATORS: usize = 200;

/// Parses one expression; nothing may follow it.
pub(crate) fn parse(sql: &str) -> Result<Syntax, ExpressionError> {
    if sql.trim().is_empty() {
        return Err(ExpressionError::new("the expression is empty"));
    }
    if sql.len() > MAX_BYTES {
        return Err(ExpressionError::new(format!("the expression is longer than {MAX_BYTES} bytes")));
    }
    let dialect = GenericDialect {};
    let tokens =
        Tokenizer::new(&dialect, sql).tokenize_with_location().map_err(|error| located(error.to_string(), sql))?;
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > MAX_OPERATORS {
        return Err(ExpressionError::new(format!("the expression has more than {MAX_OPERATORS} operators"))
            .with_hint("use `x in (…)` for many values, or divide it into several names"));
    }
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    let syntax = parser.parse_expr().map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => located(message, sql),
        ParserError::RecursionLimitExceeded => ExpressionError::new("the expression is nested too deeply"),
    })?;
    let next: &TokenWithSpan = parser.peek_token_ref();
    if next.token != Token::EOF {
        let what = format!("expected the end of the expression, found `{}`", next.token);
        return Err(ExpressionError::new(what)
            .with_hint("an expression is one value; names with spaces or special characters stand in double quotes")
            .at(position_of(next.span.start)));
    }
    Ok(syntax)
}

/// Most operators of a query, for the same reason.
const MAX_OPERATORS_OF_QUERY: usize = 400;

/// Parses one query; nothing but a semicolon may follow it.
pub(crate) fn parse_query(sql: &str) -> Result<Box<Query>, ExpressionError> {
    let not_a_query = |error: ExpressionError| ExpressionError {
        message: error.message.replace("not an expression: ", "not a query: "),
        hint: Some(HINT.to_owned()),
        ..error
    };
    if sql.len() > MAX_BYTES {
        return Err(ExpressionError::new(format!("the query is longer than {MAX_BYTES} bytes")));
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql)
        .tokenize_with_location()
        .map_err(|error| not_a_query(located(error.to_string(), sql)))?;
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > MAX_OPERATORS_OF_QUERY {
        return Err(ExpressionError::new(format!("the query has more than {MAX_OPERATORS_OF_QUERY} operators"))
            .with_hint("use `x in (…)` for many values, or divide it into several queries"));
    }
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    let query = parser.parse_query().map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => not_a_query(located(message, sql)),
        ParserError::RecursionLimitExceeded => ExpressionError::new("the query is nested too deeply"),
    })?;
    while parser.peek_token_ref().token == Token::SemiColon {
        parser.advance_token();
    }
    let next: &TokenWithSpan = parser.peek_token_ref();
    if next.token != Token::EOF {
        let what = format!("expected the end of the query, found `{}`", next.token);
        return Err(ExpressionError::new(what).with_hint(HINT).at(position_of(next.span.start)));
    }
    Ok(query)
}

/// What a query names, without knowing what there is: a superset of the columns that it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryNames {
    /// Tables, and queries of its own `with`.
    pub tables: BTreeSet<String>,
    /// Columns, of whatever table.
    pub columns: BTreeSet<String>,
    /// Whether it takes all columns of a table (`*`).
    pub every_column: bool,
    /// Names of its own columns, empty where one has none; none where `*` stands among them.
    pub outputs: Option<Vec<String>>,
}

/// Gives what a query names.
///
/// # Errors
/// The text is no query.
pub fn query_names(sql: &str) -> Result<QueryNames, ExpressionError> {
    let query = parse_query(sql)?;
    let mut found = QueryNames::default();
    let _: ControlFlow<()> = visit_relations(query.as_ref(), |name| {
        found.tables.extend(name.0.iter().filter_map(|part| part.as_ident()).map(|part| part.value.clone()));
        ControlFlow::Continue(())
    });
    let _: ControlFlow<()> = visit_expressions(query.as_ref(), |part| {
        match part {
            Syntax::Identifier(name) => {
                found.columns.insert(name.value.clone());
            }
            Syntax::CompoundIdentifier(parts) => found.columns.extend(parts.last().map(|name| name.value.clone())),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    let mut stars = Stars(false);
    let _ = query.visit(&mut stars);
    found.every_column = stars.0;
    found.outputs = outputs(&query.body);
    Ok(found)
}

/// Looks for `*` in select lists.
struct Stars(bool);

impl Visitor for Stars {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.0 |= has_star(&query.body);
        ControlFlow::Continue(())
    }
}

/// Gives the names of the columns of a query.
fn outputs(body: &SetExpr) -> Option<Vec<String>> {
    match body {
        SetExpr::Select(select) => select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::UnnamedExpr(part) => Some(own_name(part)),
                SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
                _ => None,
            })
            .collect(),
        SetExpr::Query(query) => outputs(&query.body),
        SetExpr::SetOperation { left, .. } => outputs(left),
        _ => None,
    }
}

/// Gives the name that a column of a select list has without `as`; empty where it has none.
pub(crate) fn own_name(part: &Syntax) -> String {
    match part {
        Syntax::Identifier(name) => name.value.clone(),
        Syntax::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()).unwrap_or_default(),
        Syntax::Nested(inner) => own_name(inner),
        _ => String::new(),
    }
}

fn has_star(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => {
            let is_star =
                |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
            select.projection.iter().any(is_star)
        }
        SetExpr::SetOperation { left, right, .. } => has_star(left) || has_star(right),
        // Looked at by itself.
        _ => false,
    }
}

/// Gives the names of columns that an expression uses, sorted, without knowing their types; functions are checked too.
///
/// # Errors
/// The text is no expression, or uses something that is not allowed.
pub fn names(sql: &str) -> Result<Vec<String>, ExpressionError> {
    let found: BTreeSet<String> = placed_names(&parse(sql)?)?.into_iter().map(|(name, _)| name).collect();
    Ok(found.into_iter().collect())
}

/// Gives the names that an expression uses and that are not among `known`, each once, with what is to be said of it. Where what is
/// known `may_be_data`, no message shows it.
///
/// # Errors
/// As [`names`].
pub fn unknown_names(
    sql: &str,
    known: &[&str],
    may_be_data: bool,
) -> Result<Vec<(String, ExpressionError)>, ExpressionError> {
    let mut unknown: Vec<(String, ExpressionError)> = Vec::new();
    for (name, position) in placed_names(&parse(sql)?)? {
        if !known.contains(&name.as_str()) && unknown.iter().all(|(other, _)| *other != name) {
            let error = unknown_name(&name, known.iter().copied(), may_be_data).at(position);
            unknown.push((name, error));
        }
    }
    Ok(unknown)
}

/// Gives the texts in single quotes of an expression, in their order.
///
/// # Errors
/// The text is no expression.
pub fn texts(sql: &str) -> Result<Vec<String>, ExpressionError> {
    let mut found = Vec::new();
    let _: ControlFlow<()> = visit_expressions(&parse(sql)?, |part| {
        if let Syntax::Value(value) = part
            && let Value::SingleQuotedString(text) = &value.value
        {
            found.push(text.clone());
        }
        ControlFlow::Continue(())
    });
    Ok(found)
}

/// Gives every identifier of an expression, among them the columns that it names.
pub(crate) fn identifiers(syntax: &Syntax) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _: ControlFlow<()> = visit_expressions(syntax, |part| {
        match part {
            Syntax::Identifier(name) => drop(found.insert(name.value.clone())),
            Syntax::CompoundIdentifier(parts) => drop(found.insert(path(parts))),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    found
}

/// Gives every name where it stands.
pub(crate) fn placed_names(syntax: &Syntax) -> Result<Vec<(String, Option<Position>)>, ExpressionError> {
    let mut found = Vec::new();
    let flow = visit_expressions(syntax, |part| {
        let checked = match part {
            Syntax::Identifier(name) => {
                found.push((name.value.clone(), position_of(name.span.start)));
                Ok(())
            }
            Syntax::CompoundIdentifier(parts) => {
                found.push((path(parts), parts.first().and_then(|first| position_of(first.span.start))));
                Ok(())
            }
            Syntax::Function(function) => check_function(function),
            Syntax::Subquery(_) | Syntax::Exists { .. } | Syntax::InSubquery { .. } => Err(subquery()),
            _ => Ok(()),
        };
        match checked {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error.at(position_of(part.span().start))),
        }
    });
    match flow {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(found),
    }
}

/// Refuses a function that is not in the list.
pub(crate) fn check_function(function: &Function) -> Result<(), ExpressionError> {
    let name = function.name.to_string();
    registry::check_known(&name).map_err(|error| match function.args {
        // `user`, `current_date`: SQL has a few functions without brackets.
        FunctionArguments::None => {
            error.with_hint(format!("for a column of that name write \"{name}\" in double quotes"))
        }
        _ => error,
    })
}

/// Gives the name of a field of a struct, or of a column whose own name has the dot.
pub(crate) fn path(parts: &[Ident]) -> String {
    parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".")
}

/// Refuses a query within an expression.
pub(crate) fn subquery() -> ExpressionError {
    ExpressionError::new("subqueries are not allowed").with_hint("write one scalar expression over the names in scope")
}

/// Refuses a query within an expression of a query.
pub(crate) fn subquery_in_query() -> ExpressionError {
    ExpressionError::new("a query within an expression is not allowed")
        .with_hint("join it in from: left join (select customer_id, … from … group by customer_id) q on q.customer_id = t.customer_id")
}

/// Says that `name` is not among `known`, with what it may have meant.
///
/// `may_be_data` says that these are the cells of a first line that has no name of those that the job uses. Then they may be somebody's
/// values, which no message shows.
pub(crate) fn unknown_name<'a>(name: &str, known: impl Iterator<Item = &'a str>, may_be_data: bool) -> ExpressionError {
    let known: Vec<&str> = known.collect();
    if let Some(right) = known.iter().find(|other| other.to_lowercase() == name.to_lowercase()) {
        return ExpressionError::new(format!("there is no name `{name}`; names match in upper and lower case"))
            .with_hint(format!("write `{right}`"));
    }
    let error = ExpressionError::new(format!("there is no name `{name}` here"));
    if may_be_data && known.iter().any(|known| looks_like_a_value(known)) {
        return error.with_hint(format!("the first line of the file looks like data and not like names; {NAME_THEM}"));
    }
    let known: Vec<&str> = known.into_iter().filter(|known| !looks_like_a_value(known)).collect();
    // A short name is near to many words.
    let is_told = !may_be_data || name.chars().count() >= SURE_LENGTH;
    let near = if is_told { nearest(name, &known) } else { Vec::new() };
    match near.as_slice() {
        [] if may_be_data => error.with_hint(format!(
            "the first line of the file has none of the names that the job uses; if it has names, write them as they stand there, else \
             {NAME_THEM}"
        )),
        [] if known.is_empty() => error,
        [] => error.with_hint(format!("known names: {}", listed(&known[..known.len().min(12)]))),
        near => error.with_hint(format!("did you mean {}?", listed(near))),
    }
}

/// Says that there is no `name`, with those of `known` (called `what`) that are near, or all.
pub(crate) fn near(message: String, name: &str, known: &[&str], what: &str) -> ExpressionError {
    let error = ExpressionError::new(message);
    match nearest(name, known).as_slice() {
        [] if known.is_empty() => error,
        [] => error.with_hint(format!("{what}: {}", listed(&known[..known.len().min(12)]))),
        near => error.with_hint(format!("did you mean {}?", listed(near))),
    }
}

/// What to do where a file has data in its first line.
const NAME_THEM: &str =
    "give its columns names in a first line, or set csv.header = false and use them as column_1, column_2 and so on";
/// Letters of a name that no value is near to by chance.
const SURE_LENGTH: usize = 5;

/// Says whether a name is rather somebody's value, which no message shows: an address of mail, a day, an amount.
fn looks_like_a_value(name: &str) -> bool {
    let day_or_amount = |c: char| c.is_ascii_digit() || ".,-/: ".contains(c);
    name.contains('@')
        || (name.starts_with(|c: char| c.is_ascii_digit()) && name.len() > 4 && name.chars().all(day_or_amount))
}

/// Gives up to three of `known` that look like `name`, the nearest first.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    let wanted = name.trim().to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|other| (edits(&wanted, &other.trim().to_lowercase()), *other))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    near.sort_unstable();
    near.truncate(3);
    near.into_iter().map(|(_, other)| other).collect()
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Gives the edit distance (Levenshtein) of two texts.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => true,
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT),
        _ => false,
    }
}

/// Takes the place out of a parser's message.
fn located(message: String, sql: &str) -> ExpressionError {
    let (what, place) = match message.split_once(" at Line: ") {
        Some((what, place)) => (what.to_owned(), Some(place.to_owned())),
        None => (message, None),
    };
    let mut numbers = place.iter().flat_map(|place| place.split(", Column: ")).map(|part| part.trim().parse::<u64>());
    let position = match (numbers.next(), numbers.next()) {
        (Some(Ok(line)), Some(Ok(column))) => Some(Position { line, column }),
        _ => None,
    };
    let mut what = what.replace("Expected: ", "expected ").replace("sql parser error: ", "");
    if let Some(first) = what.get(..1) {
        what = first.to_lowercase() + &what[1..];
    }
    let hint = if sql.contains(';') { "an expression is not a statement" } else { HINT };
    ExpressionError::new(format!("not an expression: {what}")).with_hint(hint).at(position)
}

const HINT: &str = "text stands in single quotes; names with spaces, or that are SQL words, in double quotes";
