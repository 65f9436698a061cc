use crate::checks::Findings;
use crate::checks::nearest;
use crate::job::structure::shown;

const SCHEMES: [&str; 4] = ["file", "s3", "gs", "az"];

/// Checks that a place is a path or of a store that is known, and holds no credentials.
pub(super) fn check_uri(uri: &str, path: &str, findings: &mut Findings) {
    let Some((scheme, rest)) = uri.split_once("://") else { return };
    let place = shown(path);
    if !SCHEMES.contains(&scheme) {
        let near = nearest(scheme, SCHEMES);
        findings
            .wrong(path, format!("{place} begins with {scheme}://"))
            .expect("a path, file://, s3://, gs:// or az://")
            .help_if(near.map(|near| format!("did you mean {near}://?")));
        return;
    }
    let store = rest.split('/').next().unwrap_or_default();
    if scheme != "file" && store.contains('@') {
        findings
            .wrong(path, format!("{place} holds credentials"))
            .expect(format!("{scheme}://, the bucket and the path"))
            .help("object stores take credentials from the environment or the platform");
    } else if scheme != "file" && store.is_empty() {
        findings.wrong(path, format!("{place} names no bucket")).expect(format!("{scheme}://bucket/path"));
    }
}
