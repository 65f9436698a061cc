//! Functions that write how to reach a customer in the one form that another tool knows it by.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, new_null_array};
use arrow::datatypes::DataType;
use datafusion_common::{Result as EngineResult, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use sha2::{Digest, Sha256};

use crate::values::{country, normalised_email, phone_digits};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Contact {
    /// An e-mail address.
    Email,
    /// The SHA-256 of one.
    EmailSha256,
    /// A number with its calling code and a plus sign, by a country beside it.
    PhoneE164,
    /// The same without the plus sign.
    PhoneDigits,
    /// The SHA-256 of any text.
    Sha256Hex,
}

impl Contact {
    /// Calls it with texts.
    pub(super) fn call(self, arguments: Vec<Expr>) -> Expr {
        let signature = Signature::variadic_any(Volatility::Immutable);
        ScalarUDF::new_from_impl(ContactFunction { contact: self, signature }).call(arguments)
    }

    fn of(self, text: &str, beside: Option<&str>) -> Option<String> {
        let number = || phone_digits(text, beside.and_then(country));
        match self {
            Self::Email => normalised_email(text),
            Self::EmailSha256 => normalised_email(text).map(|address| sha256_hex(&address)),
            Self::PhoneE164 => number().map(|digits| format!("+{digits}")),
            Self::PhoneDigits => number(),
            Self::Sha256Hex => Some(sha256_hex(text)),
        }
    }
}

fn sha256_hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ContactFunction {
    contact: Contact,
    signature: Signature,
}

impl ContactFunction {
    fn convert(&self, arguments: &[ArrayRef], rows: usize) -> EngineResult<ArrayRef> {
        let Some(first) = arguments.first() else { return exec_err!("a contact function has no argument") };
        let Some(texts) = first.as_string_opt::<i32>() else {
            return match first.data_type() {
                DataType::Null => Ok(new_null_array(&DataType::Utf8, rows)),
                other => exec_err!("a contact function takes text, found {other}"),
            };
        };
        let beside = arguments.get(1).and_then(|column| column.as_string_opt::<i32>());
        let of_row = |row: usize| {
            let beside = beside.filter(|column| column.is_valid(row)).map(|column| column.value(row));
            texts.is_valid(row).then(|| self.contact.of(texts.value(row), beside)).flatten()
        };
        Ok(Arc::new((0..texts.len()).map(of_row).collect::<StringArray>()))
    }
}

impl ScalarUDFImpl for ContactFunction {
    fn name(&self) -> &str {
        match self.contact {
            Contact::Email => "email_normalised",
            Contact::EmailSha256 => "email_sha256",
            Contact::PhoneE164 => "phone_e164",
            Contact::PhoneDigits => "phone_digits",
            Contact::Sha256Hex => "sha256_hex",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let rows = args.number_rows;
        let arguments = args.args.into_iter().map(|argument| argument.into_array(rows));
        let arguments = arguments.collect::<EngineResult<Vec<_>>>()?;
        Ok(ColumnarValue::Array(self.convert(&arguments, rows)?))
    }
}
