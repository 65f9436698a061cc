//! Functions that write how to reach a customer as other tools know it.

use chrono_tz::Tz;
use datafusion_expr::Expr;

use crate::expression::ExpressionError;
use crate::expression::contact_functions::Contact;
use crate::expression::operand::Operand;
use crate::expression::registry::{
    DEFAULT_COUNTRY, ScalarFunction,
    Takes::{Shown, Text},
    needed, optional,
};

/// The names of functions whose answers tell how to reach a customer.
pub(in crate::expression) const CONTACTS: [&str; 4] =
    ["email_normalised", "email_sha256", "phone_digits", "phone_e164"];

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "email_normalised",
        parameters: &[needed("email", Text)],
        repeats: false,
        result: "text",
        description: "an e-mail address without blanks around it and in small letters; dots and what follows a plus sign stay; null of what cannot be an address",
        example: "email_normalised(' Anna@Example.com ')",
        build: |arguments, _| Ok(called(Contact::Email, arguments)),
    },
    ScalarFunction {
        name: "email_sha256",
        parameters: &[needed("email", Text)],
        repeats: false,
        result: "text",
        description: "the SHA-256 of email_normalised(email) in small hexadecimal digits; whoever knows the address knows whose it is",
        example: "email_sha256('anna@example.com')",
        build: |arguments, _| Ok(called(Contact::EmailSha256, arguments)),
    },
    ScalarFunction {
        name: "phone_digits",
        parameters: &[needed("phone", Text), optional("country", Text), DEFAULT_COUNTRY],
        repeats: false,
        result: "text",
        description: "phone_e164 without its plus sign",
        example: "phone_digits('600 100 200', 'PL')",
        build: |arguments, _| Ok(called(Contact::PhoneDigits, by_country(arguments))),
    },
    ScalarFunction {
        name: "phone_e164",
        parameters: &[needed("phone", Text), optional("country", Text), DEFAULT_COUNTRY],
        repeats: false,
        result: "text",
        description: "a telephone number as E.164 writes it, such as +48600100200; one without + or 00 in front is a number of country (its ISO 3166 code), or of the `default_country` of the export, and null without one; so is what is no number, or too short or too long for its country",
        example: "phone_e164('600 100 200', 'PL')",
        build: |arguments, _| Ok(called(Contact::PhoneE164, by_country(arguments))),
    },
    ScalarFunction {
        name: "sha256_hex",
        parameters: &[needed("x", Shown)],
        repeats: false,
        result: "text",
        description: "the SHA-256 of a text (of numbers and dates as they are written), in small hexadecimal digits",
        example: "sha256_hex(lower(city))",
        build: sha256,
    },
];

fn sha256(arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    Ok(called(Contact::Sha256Hex, arguments))
}

fn called(contact: Contact, arguments: Vec<Operand>) -> Expr {
    contact.call(arguments.into_iter().map(|argument| argument.expr).collect())
}

/// Of the country that is written and that of the export, which comes last, the first one counts.
fn by_country(mut arguments: Vec<Operand>) -> Vec<Operand> {
    arguments.truncate(2);
    arguments
}
