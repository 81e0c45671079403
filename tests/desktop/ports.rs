//! The ports that a program and everything that it has started listen on.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;

use anyhow::Context as _;

/// The state of a socket that listens, as the system writes it.
const LISTENS: &str = "0A";

/// The ports of the process and of its descendants.
pub(crate) fn listened_on(pid: u32) -> anyhow::Result<BTreeSet<u16>> {
    let family = family(pid)?;
    let sockets: HashSet<String> = family.iter().flat_map(|pid| sockets(*pid)).collect();
    let mut ports = BTreeSet::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        // A system without IPv6 has no table for it.
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..] else { continue };
            if state == LISTENS && sockets.contains(inode) {
                let (_, port) = local.rsplit_once(':').context("an address without a port")?;
                ports.insert(u16::from_str_radix(port, 16)?);
            }
        }
    }
    Ok(ports)
}

/// The process and all that descend from it.
fn family(pid: u32) -> anyhow::Result<Vec<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").context("processes cannot be listed")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        // The name may hold spaces and brackets; the parent is the second field behind it.
        let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        if let Some(parent) = behind.split_whitespace().nth(1).and_then(|parent| parent.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next) {
        family.extend(children.remove(parent).unwrap_or_default());
        next += 1;
    }
    Ok(family)
}

/// The inodes of a process's sockets; none when it has ended.
fn sockets(pid: u32) -> Vec<String> {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let targets = open.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    let inode =
        |target: std::path::PathBuf| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    targets.filter_map(inode).collect()
}
