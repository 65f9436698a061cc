use super::job::is_run_id;
use super::personas::{check_segments, segmentation_of};
use super::sources::Sources;
use super::tool::{for_tool, limits};
use crate::checks::{Findings, Ordered, Unique, check_name, nearest};
use crate::job::raw::{RawExport, RawExportFormat, RawHoldout};
use segmenter_proto::jobs::{Against, Delivery, Export, ExportColumn, ExportFormat, Holdout, Segmentation, SourceKind};
use segmenter_worker::{
    expression::ExportSyntax,
    values::{countries, country},
};

/// Names that tell how to reach a customer.
const CONTACTS: [&str; 2] = ["email", "phone"];

/// Checks exports.
pub(super) fn exports(
    raw: Vec<Option<RawExport>>,
    segmentations: &[Option<Segmentation>],
    sources: &Sources,
    findings: &mut Findings,
) -> Option<Vec<Export>> {
    let (mut names, mut holdouts) = (Unique::default(), Unique::default());
    let checked = raw.into_iter().enumerate().map(|(at, raw)| {
        let path = format!("export[{at}]");
        export(raw?, &path, segmentations, sources, (&mut names, &mut holdouts), findings)
    });
    let checked: Vec<Option<Export>> = checked.collect();
    checked.into_iter().collect()
}

fn export(
    raw: RawExport,
    path: &str,
    segmentations: &[Option<Segmentation>],
    sources: &Sources,
    (names, holdouts): (&mut Unique, &mut Unique),
    findings: &mut Findings,
) -> Option<Export> {
    let key_path = |key: &str| format!("{path}.{key}");
    if let Some(name) = &raw.name {
        check_name(name, "export", &key_path("name"), findings);
        names.take(name, "export", &key_path("name"), findings);
    }
    let segments = raw.segments.unwrap_or_default();
    let segmentation = segmentation_of(raw.segmentation.as_deref(), path, segmentations, findings);
    if let Some(segmentation) = segmentation {
        check_segments(segmentation, &segments, path, findings);
    }
    let tool = for_tool(raw.tool.as_deref(), path, findings);
    let columns = match (raw.columns, tool) {
        (Some(columns), _) => columns,
        (None, Some(tool)) => {
            let own = tool.headers.iter().filter_map(|header| Some((header.name, header.default?)));
            Ordered(
                own.filter(|(_, sql)| has_all(sql, sources))
                    .map(|(name, sql)| (name.to_owned(), sql.to_owned()))
                    .collect(),
            )
        }
        (None, None) => Ordered::default(),
    };
    if columns.0.is_empty() {
        let help = match tool {
            Some(_) => "map `email` or `phone` in [source.columns] of a source of kind customers, or write `columns`",
            None => "columns = { customer_id = \"customer_id\", segment = \"segment_key\" }",
        };
        findings
            .wrong(&key_path("columns"), "the export has no columns")
            .expect("`columns`: headers, each with its SQL")
            .help(help);
    }
    let columns: Vec<ExportColumn> = columns
        .0
        .into_iter()
        .map(|(header, expression)| {
            check_header(&header, &format!("{path}.columns.{header}"), findings);
            ExportColumn { is_contact: is_contact(&expression), header, expression }
        })
        .collect();
    if let Some(tool) = tool {
        super::tool::check_columns(tool, &columns, path, findings);
    }
    let key = match (raw.key, tool.and_then(|tool| tool.key)) {
        (Some(key), _) => key,
        (None, Some(header)) => {
            let own = columns.iter().find(|column| column.header == header);
            own.map_or_else(|| sources.unit.key().to_owned(), |column| column.expression.clone())
        }
        (None, None) => sources.unit.key().to_owned(),
    };
    check_channel(raw.channel.as_deref(), &columns, &key, path, sources, findings);
    let name = raw.name?;
    let holdout = match raw.holdout {
        None => None,
        Some(raw) => holdout(raw, &name, path, holdouts, findings),
    };
    let default_country = raw.default_country.map(|code| code.to_uppercase());
    if let Some(code) = default_country.as_deref().filter(|code| country(code).is_none()) {
        let known: Vec<&str> = countries().collect();
        findings
            .wrong(&key_path("default_country"), format!("the numbers of country \"{code}\" are not known"))
            .expect(format!("one of {}", known.join(", ")))
            .help("leave it out, and give numbers with + and their calling code");
    }
    let format = match raw.format {
        None | Some(RawExportFormat::Csv) => ExportFormat::Csv,
        Some(RawExportFormat::Ndjson) => ExportFormat::Ndjson,
        Some(RawExportFormat::Parquet) => ExportFormat::Parquet,
    };
    let for_people = raw.for_people.unwrap_or_default();
    if format != ExportFormat::Csv && for_people {
        findings
            .wrong(&key_path("for_people"), format!("no spreadsheet runs what stands in {}", format.name()))
            .expect("format = \"csv\", or `for_people` left out");
    }
    if let Some(tool) = tool.filter(|_| for_people) {
        findings
            .wrong(&key_path("for_people"), format!("an apostrophe in front would change what {} reads", tool.title))
            .expect("`tool` or `for_people`");
    }
    if format == ExportFormat::Parquet && raw.max_bytes.is_some() {
        findings
            .wrong(&key_path("max_bytes"), "how large Parquet becomes is not known before it is written")
            .expect("`max_rows`");
    }
    let (max_rows, max_bytes) = limits(tool, format, (raw.max_rows, raw.max_bytes), path, findings);
    Some(Export {
        name,
        segmentation: segmentation?.name.clone(),
        segments,
        filter: raw.filter,
        key,
        columns,
        channel: raw.channel,
        holdout,
        default_country,
        delivery: Delivery {
            format,
            max_rows,
            max_bytes,
            tool: raw.tool,
            against: against(raw.against.as_deref(), &key_path("against"), findings),
            max_removed_share: raw.max_removed_share.unwrap_or(Delivery::default().max_removed_share),
            for_people,
        },
    })
}

/// Says whether sources of customers map all that an expression of a tool names.
fn has_all(sql: &str, sources: &Sources) -> bool {
    let names = ExportSyntax::parse(sql).and_then(|syntax| syntax.names()).unwrap_or_default();
    let of_customers = sources.of_kind(sources.unit.kind().name());
    let mapped: Vec<&String> =
        of_customers.iter().filter_map(|name| sources.named(name)).flat_map(|source| &source.columns).collect();
    names.iter().all(|name| name == sources.unit.key() || mapped.contains(&name))
}

/// Says whether an expression tells how to reach a customer. What is no expression has another error.
fn is_contact(sql: &str) -> bool {
    let Ok(syntax) = ExportSyntax::parse(sql) else { return false };
    let names = syntax.names().unwrap_or_default();
    syntax.calls_contact() || CONTACTS.iter().any(|contact| names.contains(*contact))
}

fn check_header(header: &str, path: &str, findings: &mut Findings) {
    let is_written = !header.trim().is_empty() && header.trim() == header && !header.contains(char::is_control);
    if !is_written || header.starts_with("__") {
        findings
            .wrong_key(path, format!("\"{}\" cannot be a header", header.escape_debug()))
            .expect("a text of one line, without blanks around it and without `__` in front");
    }
}

fn check_channel(
    channel: Option<&str>,
    columns: &[ExportColumn],
    key: &str,
    path: &str,
    sources: &Sources,
    findings: &mut Findings,
) {
    let contact = columns.iter().find(|column| column.is_contact).map(|column| column.header.as_str());
    let contact = contact.or_else(|| is_contact(key).then_some("key"));
    let has_consents = !sources.kinds_known() || !sources.of_kind(SourceKind::Consents.name()).is_empty();
    let path = format!("{path}.channel");
    match (channel, contact) {
        (None, Some(contact)) => {
            findings
                .wrong(&path, format!("`{contact}` tells how to reach a customer, and no consent is asked for"))
                .expect("`channel`: the channel whose latest consent must be given")
                .help("hashes tell it too: channel = \"email\", as a source of kind consents names it");
        }
        (Some(channel), _) if !has_consents => {
            findings
                .wrong(&path, format!("nothing says whom `{channel}` reaches"))
                .expect("a [[source]] of kind consents");
        }
        _ => {}
    }
}

fn holdout(raw: RawHoldout, export: &str, path: &str, names: &mut Unique, findings: &mut Findings) -> Option<Holdout> {
    let share_path = format!("{path}.holdout.share");
    if raw.share.is_some_and(|share| share <= 0.0 || share >= 1.0) {
        findings.wrong(&share_path, "the share is nobody or everybody").expect("a number between 0 and 1, such as 0.1");
    }
    let name = raw.name.unwrap_or_else(|| export.to_owned());
    let name_path = format!("{path}.holdout.name");
    check_name(&name, "holdout", &name_path, findings);
    names.take(&name, "holdout", &name_path, findings);
    Some(Holdout { name, share: raw.share? })
}

fn against(text: Option<&str>, path: &str, findings: &mut Findings) -> Against {
    match text {
        None | Some("latest") => Against::Latest,
        Some("none") => Against::None,
        Some(run) => {
            if !is_run_id(run) {
                let near = nearest(run, ["latest", "none"]);
                findings
                    .wrong(path, format!("\"{run}\" is not a run's id"))
                    .expect("\"latest\", \"none\", or an id such as 2026-11-20-0123456789ab")
                    .help_if(near.map(|near| format!("did you mean \"{near}\"?")));
            }
            Against::Run(run.to_owned())
        }
    }
}
