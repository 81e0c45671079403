//! The ONNX Runtime library: taken from its Python wheel, checked, unpacked. No Python is needed to run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::outcome::Outcome;
use crate::paths::Paths;
use crate::program;

/// The version that is fetched; another one needs other digests below.
const VERSION: &str = "1.24.4";

/// Names another library to use instead; then nothing is fetched.
pub(crate) const VARIABLE: &str = "CHANGEOVER_ONNXRUNTIME";

/// The one wheel that fits a processor.
struct Wheel {
    platform: &'static str,
    sha256: &'static str,
}

fn wheel(os: &str, arch: &str) -> Result<Wheel> {
    match (os, arch) {
        ("linux", "x86_64") => Ok(Wheel {
            platform: "manylinux_2_28_x86_64",
            sha256: "0d640eb9f3782689b55cfa715094474cd5662f2f137be6a6f847a594b6e9705c",
        }),
        ("linux", "aarch64") => Ok(Wheel {
            platform: "manylinux_2_28_aarch64",
            sha256: "1a5c5a544b22f90859c88617ecb30e161ee3349fcc73878854f43d77f00558b5",
        }),
        _ => bail!(
            "set-up knows ONNX Runtime for Linux on x86_64 and aarch64, not for {os} on {arch}. \
             Get libonnxruntime {VERSION} for it and set {VARIABLE} to its path"
        ),
    }
}

/// The library to load: the one that the environment names, else the one that set-up unpacked.
pub(crate) fn library(paths: &Paths) -> PathBuf {
    named().unwrap_or_else(|| paths.onnxruntime())
}

/// The library that the environment names; a variable that is empty names none.
fn named() -> Option<PathBuf> {
    std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

pub(super) fn ensure(paths: &Paths) -> Result<Outcome> {
    if let Some(given) = named() {
        if given.is_file() {
            return Ok(Outcome::Done(format!("using {}, from {VARIABLE}", given.display())));
        }
        bail!(
            "{VARIABLE} names {}, which is not a file. Correct it, or unset it to use the fetched one",
            given.display()
        );
    }
    let library = paths.onnxruntime();
    let stamp = library.with_file_name("version");
    if library.is_file() && fs::read_to_string(&stamp).is_ok_and(|version| version == VERSION) {
        return Ok(Outcome::AlreadyThere);
    }
    let wheel = wheel(std::env::consts::OS, std::env::consts::ARCH)?;
    let downloads = paths.setup().join("onnxruntime");
    let file = downloaded(&downloads, &wheel)?;
    unpack(&file, &library)?;
    fs::write(&stamp, VERSION)?;
    fs::remove_dir_all(&downloads)?;
    Ok(Outcome::Done(format!("fetched version {VERSION} with pip, checksum right, unpacked")))
}

fn downloaded(folder: &Path, wheel: &Wheel) -> Result<PathBuf> {
    const MEND: &str = "Install Python with pip (Debian, Ubuntu: `sudo apt-get install python3-pip`), check the network connection, \
         and run this again; or set CHANGEOVER_ONNXRUNTIME to a libonnxruntime.so that you have.";
    // Left over from an interrupted run.
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"])
        .args(["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.12", "--abi", "cp312"])
        .args(["--platform", wheel.platform, "--dest"])
        .arg(folder)
        .arg(format!("onnxruntime=={VERSION}"));
    program::output(&mut pip, MEND).context("ONNX Runtime could not be fetched")?;
    let file = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .find(|path| path.extension().is_some_and(|e| e == "whl"))
        .context("pip said it fetched ONNX Runtime, but no wheel is there. Run this again")?;
    let found = hex::encode(Sha256::digest(fs::read(&file)?));
    if found != wheel.sha256 {
        bail!(
            "the fetched ONNX Runtime is not the expected file (SHA-256 {found}, expected {}), so it is not used. \
             Something between here and the package index changed it; try another network",
            wheel.sha256
        );
    }
    Ok(file)
}

/// Takes the library and its licence texts out of a wheel.
fn unpack(wheel: &Path, library: &Path) -> Result<()> {
    let folder = library.parent().context("the library needs a folder")?;
    fs::create_dir_all(folder)?;
    let mut archive = zip::ZipArchive::new(fs::File::open(wheel)?)?;
    let mut found = false;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let to = match name.rsplit('/').next().unwrap_or_default() {
            file if file.starts_with("libonnxruntime.so.") => library.to_owned(),
            file @ ("LICENSE" | "ThirdPartyNotices.txt") => folder.join(file),
            _ => continue,
        };
        found |= to == library;
        // Written beside and renamed: an interrupted run leaves no half library behind.
        let part = to.with_extension("part");
        std::io::copy(&mut entry, &mut fs::File::create(&part)?)?;
        fs::rename(&part, &to)?;
    }
    if !found {
        bail!("{} holds no libonnxruntime.so", wheel.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(folder: &Path, entries: &[(&str, &str)]) -> PathBuf {
        let path = folder.join("a.whl");
        let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        for (name, text) in entries {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        path
    }

    #[test]
    fn the_library_and_its_licence_are_taken_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = archive(
            folder.path(),
            &[
                ("onnxruntime/capi/libonnxruntime.so.1.2.3", "library"),
                ("onnxruntime/capi/libonnxruntime_providers_shared.so", "other"),
                ("onnxruntime/LICENSE", "licence"),
                ("onnxruntime/__init__.py", "python"),
            ],
        );
        let library = folder.path().join("out/libonnxruntime.so");
        unpack(&wheel, &library).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path().join("out"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["LICENSE", "libonnxruntime.so"]);
        assert_eq!(fs::read_to_string(&library).unwrap(), "library");
    }

    #[test]
    fn a_wheel_without_the_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = archive(folder.path(), &[("onnxruntime/LICENSE", "licence")]);
        let error = unpack(&wheel, &folder.path().join("out/libonnxruntime.so")).unwrap_err().to_string();
        assert!(error.contains("holds no libonnxruntime.so"), "{error}");
    }

    #[test]
    fn other_platforms_are_told_what_to_do() {
        let error = wheel("macos", "aarch64").map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("not for macos on aarch64") && error.contains(VARIABLE), "{error}");
    }
}
