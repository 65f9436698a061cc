//! How much memory the machine, or the cgroup that the process is in, gives.

use std::path::Path;

/// Gives the smallest of the machine's memory and the limits of the process's cgroups (version 2 and 1), in bytes; none where the
/// system does not tell. `root` is `/` but in tests.
pub(super) fn available_memory(root: &Path) -> Option<u64> {
    let mut limits = cgroup_limits(root);
    limits.extend(machine_memory(root));
    limits.into_iter().min()
}

fn machine_memory(root: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// A group is bound by the limits of all groups above it. Inside a container the path in `/proc/self/cgroup` may be the host's, and the
/// container's own group is then the root of the mount: both are looked at.
fn cgroup_limits(root: &Path) -> Vec<u64> {
    let Ok(text) = std::fs::read_to_string(root.join("proc/self/cgroup")) else { return Vec::new() };
    let mut limits = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let (mount, file) = if controllers.is_empty() {
            ("sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|controller| controller == "memory") {
            ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let groups = Path::new(path.trim_start_matches('/')).ancestors();
        limits.extend(groups.filter_map(|group| limit(&root.join(mount).join(group).join(file))));
    }
    limits
}

/// Reads a limit; `max` is none. Version 1 writes "no limit" as a number near 2⁶³, which the machine's memory undercuts.
fn limit(file: &Path) -> Option<u64> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        root
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");

    #[test]
    fn a_machine_without_cgroups() {
        assert_eq!(available_memory(system(&[MEMINFO]).path()), Some(16 << 20));
        assert_eq!(available_memory(system(&[]).path()), None);
    }

    #[test]
    fn the_smallest_limit_above_the_process_holds() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/pods/one\n"),
            ("sys/fs/cgroup/memory.max", "max\n"),
            ("sys/fs/cgroup/pods/memory.max", "4194304\n"),
            ("sys/fs/cgroup/pods/one/memory.max", "8388608\n"),
        ]);
        assert_eq!(available_memory(root.path()), Some(4 << 20));
    }

    #[test]
    fn version_1_in_a_container_that_shows_the_path_of_its_host() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "12:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2097152\n"),
        ]);
        assert_eq!(available_memory(root.path()), Some(2 << 20));
    }

    #[test]
    fn no_limit_in_version_1_is_the_machine() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "4:memory:/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(available_memory(root.path()), Some(16 << 20));
    }
}
