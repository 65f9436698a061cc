//! Functions of text.

use chrono_tz::Tz;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use datafusion_expr::expr::Case;

use super::calls::call;
use crate::expression::ExpressionError;
use crate::expression::operand::Operand;
use crate::expression::registry::{
    ScalarFunction,
    Takes::{Integer, Shown, Text},
    needed, optional,
};
use crate::expression::value_functions::{Form, Reading};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "btrim",
        parameters: &[needed("text", Text), optional("characters", Text)],
        repeats: false,
        result: "text",
        description: "text without blanks (U+0020 alone: tabs, no-break spaces and invisible characters have to be named), or without these characters, at both ends",
        example: "btrim(city)",
        build: |arguments, _| call(datafusion_functions::string::btrim(), arguments),
    },
    ScalarFunction {
        name: "char_length",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "int",
        description: "the number of characters, as length",
        example: "char_length(city)",
        build: |arguments, _| call(datafusion_functions::unicode::character_length(), arguments),
    },
    ScalarFunction {
        name: "concat",
        parameters: &[needed("x", Shown)],
        repeats: true,
        result: "text",
        description: "all arguments one after the other; nulls are left out",
        example: "concat(city, '-', quantity)",
        build: |arguments, _| call(datafusion_functions::string::concat(), arguments),
    },
    ScalarFunction {
        name: "concat_ws",
        parameters: &[needed("separator", Text), needed("x", Shown)],
        repeats: true,
        result: "text",
        description: "all arguments with a separator between them; nulls are left out",
        example: "concat_ws('-', city, quantity)",
        build: |arguments, _| call(datafusion_functions::string::concat_ws(), arguments),
    },
    ScalarFunction {
        name: "contains",
        parameters: &[needed("text", Text), needed("part", Text)],
        repeats: false,
        result: "bool",
        description: "whether part occurs in text",
        example: "contains(city, 'ar')",
        build: |arguments, _| call(datafusion_functions::string::contains(), arguments),
    },
    ScalarFunction {
        name: "ends_with",
        parameters: &[needed("text", Text), needed("end", Text)],
        repeats: false,
        result: "bool",
        description: "whether text ends with end",
        example: "ends_with(city, 'aw')",
        build: |arguments, _| call(datafusion_functions::string::ends_with(), arguments),
    },
    ScalarFunction {
        name: "initcap",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "text",
        description: "each word with a capital first letter",
        example: "initcap(city)",
        build: |arguments, _| call(datafusion_functions::unicode::initcap(), arguments),
    },
    ScalarFunction {
        name: "left",
        parameters: &[needed("text", Text), needed("n", Integer)],
        repeats: false,
        result: "text",
        description: "the first n characters; without the last −n if n is negative",
        example: "left(city, 2)",
        build: |arguments, _| call(datafusion_functions::unicode::left(), arguments),
    },
    ScalarFunction {
        name: "length",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "int",
        description: "the number of characters",
        example: "length(city)",
        build: |arguments, _| call(datafusion_functions::unicode::character_length(), arguments),
    },
    ScalarFunction {
        name: "lower",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "text",
        description: "text in lower case",
        example: "lower(city)",
        build: |arguments, _| call(datafusion_functions::string::lower(), arguments),
    },
    ScalarFunction {
        name: "lpad",
        parameters: &[needed("text", Text), needed("n", Integer), optional("fill", Text)],
        repeats: false,
        result: "text",
        description: "text filled on the left (or cut) to n characters",
        example: "lpad(city, 12, '.')",
        build: |arguments, _| call(datafusion_functions::unicode::lpad(), arguments),
    },
    ScalarFunction {
        name: "ltrim",
        parameters: &[needed("text", Text), optional("characters", Text)],
        repeats: false,
        result: "text",
        description: "text without blanks (U+0020 alone: tabs, no-break spaces and invisible characters have to be named), or without these characters, at the start",
        example: "ltrim(city, '0')",
        build: |arguments, _| call(datafusion_functions::string::ltrim(), arguments),
    },
    ScalarFunction {
        name: "normalize",
        parameters: &[needed("text", Text), needed("form", Text)],
        repeats: false,
        result: "text",
        description: "text in a form of Unicode, so that equal characters have equal bytes: NFC, NFD, NFKC or NFKD",
        example: "normalize(city, 'NFC')",
        build: normalize,
    },
    ScalarFunction {
        name: "regexp_extract",
        parameters: &[needed("text", Text), needed("pattern", Text), optional("group", Integer)],
        repeats: false,
        result: "text",
        description: "the first match of a regular expression, or of its group of this number; null where nothing matches",
        example: "regexp_extract(city, '([a-z]+)$', 1)",
        build: extract,
    },
    ScalarFunction {
        name: "regexp_like",
        parameters: &[needed("text", Text), needed("pattern", Text), optional("flags", Text)],
        repeats: false,
        result: "bool",
        description: "whether a regular expression matches somewhere in text",
        example: "regexp_like(city, '^W')",
        build: |arguments, _| call(datafusion_functions::regex::regexp_like(), arguments),
    },
    ScalarFunction {
        name: "regexp_replace",
        parameters: &[
            needed("text", Text),
            needed("pattern", Text),
            needed("replacement", Text),
            optional("flags", Text),
        ],
        repeats: false,
        result: "text",
        description: "the first match of a regular expression replaced; all with flag g",
        example: "regexp_replace(city, '[aeiou]', '', 'g')",
        build: |arguments, _| call(datafusion_functions::regex::regexp_replace(), arguments),
    },
    ScalarFunction {
        name: "replace",
        parameters: &[needed("text", Text), needed("part", Text), needed("replacement", Text)],
        repeats: false,
        result: "text",
        description: "every occurrence of part replaced",
        example: "replace(city, 'w', 'v')",
        build: |arguments, _| call(datafusion_functions::string::replace(), arguments),
    },
    ScalarFunction {
        name: "reverse",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "text",
        description: "the characters from last to first",
        example: "reverse(city)",
        build: |arguments, _| call(datafusion_functions::unicode::reverse(), arguments),
    },
    ScalarFunction {
        name: "right",
        parameters: &[needed("text", Text), needed("n", Integer)],
        repeats: false,
        result: "text",
        description: "the last n characters; without the first −n if n is negative",
        example: "right(city, 2)",
        build: |arguments, _| call(datafusion_functions::unicode::right(), arguments),
    },
    ScalarFunction {
        name: "rpad",
        parameters: &[needed("text", Text), needed("n", Integer), optional("fill", Text)],
        repeats: false,
        result: "text",
        description: "text filled on the right (or cut) to n characters",
        example: "rpad(city, 12, '.')",
        build: |arguments, _| call(datafusion_functions::unicode::rpad(), arguments),
    },
    ScalarFunction {
        name: "rtrim",
        parameters: &[needed("text", Text), optional("characters", Text)],
        repeats: false,
        result: "text",
        description: "text without blanks (U+0020 alone: tabs, no-break spaces and invisible characters have to be named), or without these characters, at the end",
        example: "rtrim(city)",
        build: |arguments, _| call(datafusion_functions::string::rtrim(), arguments),
    },
    ScalarFunction {
        name: "split_part",
        parameters: &[needed("text", Text), needed("separator", Text), needed("n", Integer)],
        repeats: false,
        result: "text",
        description: "part n (from 1) of text divided at the separator",
        example: "split_part(city, 'a', 1)",
        build: |arguments, _| call(datafusion_functions::string::split_part(), arguments),
    },
    ScalarFunction {
        name: "starts_with",
        parameters: &[needed("text", Text), needed("start", Text)],
        repeats: false,
        result: "bool",
        description: "whether text starts with start",
        example: "starts_with(city, 'W')",
        build: |arguments, _| call(datafusion_functions::string::starts_with(), arguments),
    },
    ScalarFunction {
        name: "strpos",
        parameters: &[needed("text", Text), needed("part", Text)],
        repeats: false,
        result: "int",
        description: "where part first occurs in text, from 1; 0 if nowhere",
        example: "strpos(city, 'ar')",
        build: |arguments, _| call(datafusion_functions::unicode::strpos(), arguments),
    },
    ScalarFunction {
        name: "substr",
        parameters: &[needed("text", Text), needed("start", Integer), optional("n", Integer)],
        repeats: false,
        result: "text",
        description: "n characters from start (from 1), as substring",
        example: "substr(city, 2, 3)",
        build: |arguments, _| call(datafusion_functions::unicode::substr(), arguments),
    },
    ScalarFunction {
        name: "substring",
        parameters: &[needed("text", Text), needed("start", Integer), optional("n", Integer)],
        repeats: false,
        result: "text",
        description: "n characters from start (from 1), or all to the end",
        example: "substring(city, 2, 3)",
        build: |arguments, _| call(datafusion_functions::unicode::substr(), arguments),
    },
    ScalarFunction {
        name: "translate",
        parameters: &[needed("text", Text), needed("from", Text), needed("to", Text)],
        repeats: false,
        result: "text",
        description: "each character of from replaced by the one at its place in to",
        example: "translate(city, 'ab', 'xy')",
        build: |arguments, _| call(datafusion_functions::unicode::translate(), arguments),
    },
    ScalarFunction {
        name: "trim",
        parameters: &[needed("text", Text), optional("characters", Text)],
        repeats: false,
        result: "text",
        description: "text without blanks (U+0020 alone: tabs, no-break spaces and invisible characters have to be named), or without these characters, at both ends, as btrim",
        example: "trim(city)",
        build: |arguments, _| call(datafusion_functions::string::btrim(), arguments),
    },
    ScalarFunction {
        name: "upper",
        parameters: &[needed("text", Text)],
        repeats: false,
        result: "text",
        description: "text in upper case",
        example: "upper(city)",
        build: |arguments, _| call(datafusion_functions::string::upper(), arguments),
    },
];

fn normalize(arguments: Vec<Operand>, zone: Tz) -> Result<Expr, ExpressionError> {
    let [text, form] =
        <[Operand; 2]>::try_from(arguments).map_err(|_| ExpressionError::new("expected a text and a form"))?;
    let form = match form.text().map(str::to_uppercase).as_deref() {
        Some("NFC") => Form::Nfc,
        Some("NFD") => Form::Nfd,
        Some("NFKC") => Form::Nfkc,
        Some("NFKD") => Form::Nfkd,
        _ => {
            return Err(ExpressionError::new("there is no such form of Unicode")
                .with_hint("write 'NFC', 'NFD', 'NFKC' or 'NFKD'")
                .at(form.position));
        }
    };
    Ok(Reading::Normalized(form).call(text, false, zone).expr)
}

/// What matches is kept of the whole text, by a pattern around the pattern: its first match is the same one.
pub(super) fn extract(arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    let mut arguments = arguments.into_iter();
    let (Some(text), Some(pattern)) = (arguments.next(), arguments.next()) else {
        return Err(ExpressionError::new("expected a text and a pattern"));
    };
    let constant = || ExpressionError::new("the pattern and the group are the same for all rows");
    let written = pattern.text().ok_or_else(|| constant().at(pattern.position))?;
    let group = match arguments.next() {
        None => 0,
        Some(group) => match &group.expr {
            Expr::Literal(ScalarValue::Int64(Some(number)), _) if (0..100).contains(number) => *number,
            _ => return Err(constant().at(group.position)),
        },
    };
    let literal = |text: String| Operand::literal(ScalarValue::Utf8(Some(text)));
    let around = literal(format!("(?s:^.*?)({written})(?s:.*$)"));
    // The whole is group 1 of the pattern around it.
    let kept = literal(format!("${{{}}}", group + 1));
    let found = call(datafusion_functions::regex::regexp_like(), vec![text.clone(), pattern])?;
    let cut = call(datafusion_functions::regex::regexp_replace(), vec![text, around, kept])?;
    Ok(Expr::Case(Case::new(None, vec![(Box::new(found), Box::new(cut))], None)))
}
