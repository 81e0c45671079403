//! The resources that this machine has for replicas, found without asking any driver.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;

use domain::resources::Capacity;
use procfs::{Current as _, Meminfo};

/// The most that a replica gets where the system does not tell its resources: one core, one gigabyte.
const UNKNOWN: u64 = 1_000;

/// Cores and memory that this process may use, and the GPUs of the machine.
pub fn capacity() -> Capacity {
    let cores = available_parallelism().map_or(UNKNOWN, |cores| cores.get() as u64 * 1_000);
    let memory = Meminfo::current().map_or(UNKNOWN, |memory| memory.mem_total / 1_000_000);
    Capacity { cpu_milli: cores, memory_mb: memory, gpus: gpus(Path::new("/dev")) }
}

/// The NVIDIA GPUs that have a file in `devices`: `nvidia0`, `nvidia1` and so on.
fn gpus(devices: &Path) -> u32 {
    let Ok(files) = fs::read_dir(devices) else { return 0 };
    let is_gpu = |name: &str| {
        let number = name.strip_prefix("nvidia");
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let found = files.flatten().filter(|file| file.file_name().to_str().is_some_and(is_gpu)).count();
    u32::try_from(found).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_something_to_give() {
        let here = capacity();
        assert!(here.cpu_milli >= 1_000 && here.memory_mb > 100, "{here:?}");
    }

    #[test]
    fn gpus_are_counted_by_their_device_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["nvidia0", "nvidia1", "nvidia12", "nvidiactl", "nvidia-uvm", "nvidia", "null"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(gpus(folder.path()), 3);
        assert_eq!(gpus(&folder.path().join("none")), 0);
    }
}
