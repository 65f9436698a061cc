//! No field of a message changes its number or type unnoticed: logs of runs that were begun, and workers of the same version, go by them.

use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use std::fmt::Write as _;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/segmenter/fields.txt");

/// Writes a line a field, value or method, in the order of names.
fn described() -> String {
    let set = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
    let set = FileDescriptorSet::decode(&set[..]).unwrap();
    let mut lines = Vec::new();
    for file in &set.file {
        file.message_type.iter().for_each(|message| of_message("", message, &mut lines));
        file.enum_type.iter().for_each(|values| of_enum("", values, &mut lines));
        for service in &file.service {
            for method in &service.method {
                let stream = |streams: Option<bool>| if streams == Some(true) { "stream " } else { "" };
                lines.push(format!(
                    "{}.{}: {}{} -> {}{}",
                    service.name(),
                    method.name(),
                    stream(method.client_streaming),
                    method.input_type(),
                    stream(method.server_streaming),
                    method.output_type()
                ));
            }
        }
    }
    lines.sort();
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

fn of_message(within: &str, message: &DescriptorProto, lines: &mut Vec<String>) {
    let name = format!("{within}{}", message.name());
    let oneof = |field: &FieldDescriptorProto| match field.oneof_index {
        Some(at) if !field.proto3_optional() => format!(" of {}", message.oneof_decl[at as usize].name()),
        _ => String::new(),
    };
    for field in &message.field {
        let label = match (field.label(), field.proto3_optional()) {
            (Label::Repeated, _) => "repeated ",
            (_, true) => "optional ",
            _ => "",
        };
        let kind = match field.r#type() {
            Type::Message | Type::Enum => field.type_name().to_owned(),
            kind => kind.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
        };
        lines.push(format!("{name} {:>3} {label}{kind} {}{}", field.number(), field.name(), oneof(field)));
    }
    for reserved in &message.reserved_range {
        lines.push(format!("{name} {:>3} reserved", reserved.start()));
    }
    message.nested_type.iter().for_each(|nested| of_message(&format!("{name}."), nested, lines));
    message.enum_type.iter().for_each(|values| of_enum(&format!("{name}."), values, lines));
}

fn of_enum(within: &str, values: &EnumDescriptorProto, lines: &mut Vec<String>) {
    let lines_of = values.value.iter();
    lines.extend(lines_of.map(|value| format!("{within}{} {:>3} {}", values.name(), value.number(), value.name())));
}

#[test]
fn no_field_changes_unnoticed() {
    let described = described();
    if std::env::var_os("SEGMENTER_BLESS").is_some() {
        std::fs::write(GOLDEN, &described).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    assert!(
        golden == described,
        "messages are not those of {GOLDEN}: a field that goes is `reserved`, and none takes its number; SEGMENTER_BLESS=1 writes the file anew"
    );
}
