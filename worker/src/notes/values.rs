//! What is said of ids and times that look as if something had gone wrong with them before.

use super::registry::{MOST, Note, NoteEntry, NoteOf};

/// Above this share of the rows the format is wrong, and not a few of the dates.
const WRONG_FORMAT: f64 = 0.05;

/// Above this share of the rows a spreadsheet is the likely reason: of ids of 16 digits a tenth end in zero by chance.
const MANY_ZEROS: f64 = 0.2;

/// Gives what the registry has of a note about ids and times.
pub(super) fn of_values(note: Note) -> NoteEntry {
    let entry = |name, of, warns_above, sentence| NoteEntry { name, of, warns_above: Some(warns_above), sentence };
    let of_column = |name, warns_above, sentence| entry(name, NoteOf::Column, warns_above, sentence);
    match note {
        Note::UnseenInId => of_column("unseen_in_id", 0.0, |noted| {
            format!(
                "{0} has blanks at an end or characters that cannot be seen in {1}, and is another id there than the one that looks the \
                 same; {0} = \"regexp_replace(…, '^[\\\\s\\\\p{{C}}]+|[\\\\s\\\\p{{C}}]+$', '', 'g')\" takes them off the ends{2}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::WordForNull => of_column("word_for_null", 0.0, |noted| {
            format!(
                "{} is a word for no value, such as null or N/A, in {}, which are taken for one customer or order; nullif(…, \
                 'null'), with the word as it is written, makes it none{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::RoundedId => of_column("rounded_id", 0.0, |noted| {
            format!(
                "{} is a number as spreadsheets round it in {}, so that several may have become one; write the file again with ids as \
                 text{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::ZerosInId => of_column("zeros_in_id", MANY_ZEROS, |noted| {
            format!(
                "{} is a number with zeros from the 16th digit on in {}, as where a spreadsheet kept it, so that several may have become \
                 one; write the file again with ids as text{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::OtherOrder => of_column("other_day_month_order", WRONG_FORMAT, |noted| {
            format!(
                "{} is a date with day and month the other way round in {}, and those of the first twelve days are read wrongly; \
                 exchange %d and %m in its format{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::SerialDate => of_column("serial_date", 0.0, |noted| {
            format!(
                "{} is a serial number as spreadsheets keep dates in {}; without a type in `types`, from_excel_serial(cast(… as double)) of \
                 the file's own column reads it{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::EpochNumber => of_column("epoch_number", 0.0, |noted| {
            format!(
                "{} is a number that counts from 1970 in {}; without a type in `types`, to_timestamp_seconds(cast(… as bigint)) or \
                 to_timestamp_millis of the file's own column reads it{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        Note::Before1900 => of_column("before_1900", MOST, |noted| {
            format!(
                "{} is before 1900 in {}; check the format and, for years of two digits, %y{}",
                noted.column(),
                noted.rows(),
                noted.first()
            )
        }),
        _ => entry("dominant_customer", NoteOf::Source, 0.0, |noted| {
            format!(
                "one customer has {}; an id that stands for nobody, such as that of guests, is left out by where",
                noted.rows()
            )
        }),
    }
}

/// Gives what the registry has of a note about what rows say together.
pub(super) fn of_rows(note: Note) -> NoteEntry {
    match note {
        Note::Reachable => NoteEntry {
            name: "reachable",
            of: NoteOf::Channel,
            warns_above: None,
            sentence: |noted| {
                let channel = noted.column.as_deref().unwrap_or("any channel");
                format!("{} may be reached by {channel}", noted.customers())
            },
        },
        Note::UnknownProduct => NoteEntry {
            name: "unknown_product",
            of: NoteOf::Column,
            warns_above: Some(MOST),
            sentence: |noted| {
                format!(
                    "{} is of no product of the reference table in {}; check that both write ids in the same form",
                    noted.column(),
                    noted.rows()
                )
            },
        },
        Note::NegativeQuantity => NoteEntry {
            name: "negative_quantity",
            of: NoteOf::Source,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "quantity is negative in {} that are no refunds: their amount is not negative, or is_refund says so{}",
                    noted.rows(),
                    noted.first()
                )
            },
        },
        Note::AttributeDiffers => NoteEntry {
            name: "attribute_differs",
            of: NoteOf::Column,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} is another one than in a source of customers above it for {}, of whom that counts; give it another name to keep \
                     both",
                    noted.column(),
                    noted.customers()
                )
            },
        },
        Note::OtherWord => NoteEntry {
            name: "other_word",
            of: NoteOf::Column,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} is none of the words of its kind in {}, which presets leave out{}; write it as docs/sources.md does, in small \
                     letters",
                    noted.column(),
                    noted.rows(),
                    noted.first()
                )
            },
        },
        _ => NoteEntry {
            name: "midnight",
            of: NoteOf::Source,
            warns_above: None,
            sentence: |noted| format!("time is midnight in {}", noted.rows()),
        },
    }
}
