//! Tools that exports are for: a file each, which says its headers, how it wants contacts and how large a file may be, with the page that says so.

mod braze;
mod google_ads;
mod meta;
mod tool;

pub use tool::{Form, Header, Limit, Tool};

/// All tools.
pub static ALL: &[&Tool] = &[&braze::TOOL, &google_ads::TOOL, &meta::TOOL];

/// Finds a tool by its name.
pub fn tool(name: &str) -> Option<&'static Tool> {
    ALL.iter().copied().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_worker::expression::ExportSyntax;

    #[test]
    fn every_default_is_an_expression_in_the_form_that_the_tool_wants() {
        for tool in ALL {
            assert!(tool.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'));
            assert!(tool.source.starts_with("https://") && tool.headers.iter().any(|header| header.default.is_some()));
            for header in tool.headers {
                let Some(sql) = header.default else { continue };
                let syntax = ExportSyntax::parse(sql).unwrap();
                assert_eq!(syntax.is_hash(), header.form == Form::Hashed, "{}: {sql}", tool.name);
            }
        }
        assert!(tool("meta").is_some() && tool("Meta").is_none());
    }
}
