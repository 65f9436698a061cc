//! The token that the programs of one user share on one machine where none is given: whoever comes first makes it. Without it, any account of
//! the machine could hand a worker a run, and so read what only the worker's user may.

use super::token::Token;
use segmenter_proto::{Error, Result};
use std::{
    fs::DirBuilder,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Its name in the folder.
const NAME: &str = "token";
/// Bytes of chance in it.
const LENGTH: usize = 32;

/// Gives the token, and makes it where there is none.
///
/// # Errors
/// It cannot be kept, or others can read it: Job, naming the file.
pub(super) fn own_token() -> Result<Token> {
    own_token_in(&folder(|name| std::env::var_os(name).map(PathBuf::from))?)
}

/// The user's folder for what programs keep, as the XDG base directory specification has it.
fn folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    state.map(|state| state.join("segmenter")).ok_or_else(|| {
        Error::job("there is no home folder to keep the token in that coordinator and workers of this machine share")
            .with_hint(HINT)
    })
}

const HINT: &str =
    "give both programs the same --token-file, or --insecure where everybody on this machine may read the data";

fn own_token_in(folder: &Path) -> Result<Token> {
    let file = folder.join(NAME);
    let cannot = |cause: std::io::Error| {
        let message = "the token that coordinator and workers of this machine share cannot be kept in";
        Error::job(format!("{message} {}: {cause}", file.display())).with_hint(HINT).caused_by(cause)
    };
    if !file.try_exists().map_err(cannot)? {
        make(folder, &file).map_err(cannot)?;
    }
    if others_can_read(&file).map_err(cannot)? {
        return Err(Error::job(format!("the token file {} can be read by others", file.display()))
            .with_hint("delete it: a new one is made; or give both programs the same --token-file"));
    }
    Token::load(&file)
}

/// Makes the file in one step: who comes second finds the first one's.
fn make(folder: &Path, file: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Of mode 0600 from the start.
    let mut made = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(made, "{text}")?;
    made.as_file().sync_all()?;
    match made.persist_noclobber(file) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn others_can_read(file: &Path) -> std::io::Result<bool> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file)?.permissions()) & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_first_makes_it_and_all_find_the_same() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/segmenter");
        let tokens: Vec<String> = std::thread::scope(|scope| {
            let start = || scope.spawn(|| own_token_in(&folder).unwrap().header().to_str().unwrap().to_owned());
            let threads: Vec<_> = (0..8).map(|_| start()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(tokens[0].len() > 2 * LENGTH && tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_and_one_that_others_can_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("segmenter");
        own_token_in(&folder).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(NAME))), (0o700, 0o600));
        std::fs::set_permissions(folder.join(NAME), std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = own_token_in(&folder).unwrap_err();
        assert!(error.fault.exit_code() == 2 && error.message.contains("can be read by others"), "{error}");
    }

    #[test]
    fn it_lies_where_the_user_keeps_such_things() {
        let of = |set: &'static [(&str, &str)]| {
            folder(|name| set.iter().find(|(known, _)| *known == name).map(|(_, path)| PathBuf::from(path)))
        };
        assert_eq!(of(&[("HOME", "/home/me")]).unwrap(), Path::new("/home/me/.local/state/segmenter"));
        assert_eq!(of(&[("HOME", "/home/me"), ("XDG_STATE_HOME", "/state")]).unwrap(), Path::new("/state/segmenter"));
        assert_eq!(of(&[("HOME", "relative")]).unwrap_err().fault.exit_code(), 2);
        let error = own_token_in(Path::new("/proc/nowhere")).unwrap_err();
        assert!(
            error.hint.is_some_and(|hint| hint.contains("--token-file")) && error.message.contains("/proc/nowhere")
        );
    }
}
