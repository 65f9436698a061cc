//! What a tool wants of an export.

use crate::checks::{Findings, did_you_mean};
use crate::tools::{ALL, Form, Limit, Tool, tool};
use segmenter_proto::jobs::{ExportColumn, ExportFormat};
use segmenter_worker::expression::ExportSyntax;

/// Finds the tool of an export.
pub(super) fn for_tool(name: Option<&str>, path: &str, findings: &mut Findings) -> Option<&'static Tool> {
    let name = name?;
    let found = tool(name);
    if found.is_none() {
        let known: Vec<&str> = ALL.iter().map(|tool| tool.name).collect();
        findings.wrong(&format!("{path}.tool"), format!("there is no tool `{name}`")).expect(known.join(", ")).help_if(
            did_you_mean(name, &known)
                .or_else(|| Some("for another one leave `tool` out, and write its headers in `columns`".to_owned())),
        );
    }
    found
}

/// Checks the columns of an export against what its tool says of them.
pub(super) fn check_columns(tool: &Tool, columns: &[ExportColumn], path: &str, findings: &mut Findings) {
    for column in columns {
        let place = format!("{path}.columns.{}", column.header);
        let Some(header) = tool.header(&column.header) else {
            let known: Vec<&str> = tool.headers.iter().map(|header| header.name).collect();
            if !tool.takes_others {
                findings
                    .wrong_key(&place, format!("{} knows no header `{}`", tool.title, column.header))
                    .expect(known.join(", "))
                    .help_if(did_you_mean(&column.header, &known).or_else(|| Some(format!("see {}", tool.source))));
            }
            continue;
        };
        // What is no expression has another error.
        let Ok(syntax) = ExportSyntax::parse(&column.expression) else { continue };
        match header.form {
            Form::Hashed if !syntax.is_hash() => {
                let like = header.default.unwrap_or("sha256_hex(nullif(lower(btrim(x)), ''))");
                findings
                    .wrong(&place, format!("{} takes `{}` as SHA-256, and this is no hash", tool.title, header.name))
                    .expect(format!("a hash with nothing around it, such as {like}"))
                    .help(format!("see {}", tool.source));
            }
            Form::Plain if syntax.calls_hash() => {
                findings
                    .wrong(&place, format!("{} takes `{}` as it is, and this is hashed", tool.title, header.name))
                    .expect("no hash")
                    .help(format!("see {}", tool.source));
            }
            _ => {}
        }
    }
    let has = |name: &str| columns.iter().any(|column| column.header == name);
    if let Some(key) = tool.key.filter(|key| !has(key) && !columns.is_empty()) {
        findings
            .wrong(&format!("{path}.columns"), format!("{} knows its rows by `{key}`, which is not there", tool.title))
            .expect(format!("a column `{key}`"));
    }
    let missing: Vec<&str> = tool.together.iter().copied().filter(|name| !has(name)).collect();
    if !missing.is_empty() && missing.len() < tool.together.len() {
        findings
            .wrong(&format!("{path}.columns"), format!("{} takes {} together", tool.title, tool.together.join(", ")))
            .expect(format!("{} too, or none of them", missing.join(", ")))
            .help(format!("see {}", tool.source));
    }
}

/// Gives the largest rows and bytes of a file: what the job says, or the tool.
pub(super) fn limits(
    tool: Option<&Tool>,
    format: ExportFormat,
    (rows, bytes): (Option<u64>, Option<u64>),
    path: &str,
    findings: &mut Findings,
) -> (Option<u64>, Option<u64>) {
    let Some(tool) = tool else { return (rows, bytes) };
    if format != ExportFormat::Csv {
        findings
            .wrong(&format!("{path}.format"), format!("{} takes files of CSV", tool.title))
            .expect("\"csv\"")
            .help(format!("see {}", tool.source));
    }
    let mut within = |key: &str, asked: Option<u64>, limit: Option<Limit>| {
        if let (Some(asked), Some(Limit { most, source })) = (asked, limit)
            && asked > most
        {
            findings
                .wrong(&format!("{path}.{key}"), format!("{} takes {most} at most", tool.title))
                .expect(format!("a whole number up to {most}"))
                .help(format!("see {source}"));
        }
        asked.or(limit.map(|limit| limit.most))
    };
    (within("max_rows", rows, tool.max_rows), within("max_bytes", bytes, tool.max_bytes))
}
