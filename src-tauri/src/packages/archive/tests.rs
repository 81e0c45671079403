//! Archives as people send them, and as nobody should.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tar::{EntryType, Header};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

const BOUNDS: ArchiveBounds = ArchiveBounds { entries: 50, bytes: 1 << 20 };

/// An entry of a tar archive, as no library would write it.
fn entry(kind: EntryType, name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_mode(0o777);
    header.set_size(content.len() as u64);
    header.set_cksum();
    let mut bytes = [header.as_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(files, CompressionMethod::Deflated)
}

fn zipped(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// Unpacks into a folder inside a folder, where nothing else may appear.
fn unpacked(bytes: &[u8], bounds: ArchiveBounds) -> (TempDir, Result<(), ArchiveError>) {
    let outside = tempfile::tempdir().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let inside = outside.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let done = unpack(&mut file, &inside, bounds);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "something appeared outside");
    (outside, done)
}

#[track_caller]
fn refused(bytes: &[u8], word: &str) {
    let (folder, done) = unpacked(bytes, BOUNDS);
    let error = done.unwrap_err().to_string();
    assert!(error.contains(word), "{error}");
    let written: u64 = files(&folder.path().join("inside")).iter().map(|(_, content)| content.len() as u64).sum();
    assert!(written <= BOUNDS.bytes, "{written} bytes were written");
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, content)| (format!("{name}/{inner}"), content)));
        } else {
            found.push((name, fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    entry(EntryType::Regular, name.as_bytes(), content)
}

#[test]
fn every_kind_of_archive_is_unpacked_and_belongs_to_its_owner() {
    let plain =
        tar(&[entry(EntryType::Directory, b"./m/", b""), file("./m/MLmodel", b"flavors"), file("run.sh", b"#!")]);
    for bytes in [plain.clone(), gz(&plain), zip(&[("m/MLmodel", b"flavors"), ("run.sh", b"#!")])] {
        let (folder, done) = unpacked(&bytes, BOUNDS);
        done.unwrap();
        let inside = folder.path().join("inside");
        let expected = [("m/MLmodel".to_owned(), b"flavors".to_vec()), ("run.sh".to_owned(), b"#!".to_vec())];
        assert_eq!(files(&inside), expected);
        let mode = |path: &str| fs::metadata(inside.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("m"), mode("run.sh") & 0o077), (0o700, 0));
    }
}

#[test]
fn a_program_stays_one_for_its_owner_and_no_other_right_is_kept() {
    let mut plain = Header::new_ustar();
    plain.set_mode(0o4644);
    plain.set_size(0);
    plain.as_old_mut().name[..1].copy_from_slice(b"p");
    plain.set_cksum();
    let (folder, done) = unpacked(&tar(&[file("x", b""), plain.as_bytes().to_vec()]), BOUNDS);
    done.unwrap();
    let mode = |path: &str| fs::metadata(folder.path().join("inside").join(path)).unwrap().permissions().mode();
    assert_eq!((mode("x") & 0o7777, mode("p") & 0o7777), (0o700, 0o600));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, word) in [
        ("/etc/passwd", "root"),
        ("../x", "leads out"),
        ("a/../../x", "leads out"),
        ("a/..", "leads out"),
        ("..\\x", "backslash"),
        ("C:/x", "drive"),
        ("c:x", "drive"),
        ("a\nb", "control"),
    ] {
        refused(&tar(&[file(name, b"x")]), word);
        refused(&gz(&tar(&[file(name, b"x")])), word);
        let placeholder = "n".repeat(name.len());
        refused(&replaced(&zip(&[(&placeholder, b"x")]), placeholder.as_bytes(), name.as_bytes()), word);
    }
    refused(&tar(&[entry(EntryType::Regular, b"\xff\xfe", b"x")]), "UTF-8");
    refused(&tar(&[file(&"a/".repeat(33), b""), file("b", b"x")]), "deep");
    refused(&tar(&[long(&[b'n'; 300]), file("short", b"x")]), "too long");
    refused(&tar(&[entry(EntryType::XHeader, b"x", b"14 path=../../x\n"), file("short", b"x")]), "damaged");
    refused(&tar(&[entry(EntryType::XHeader, b"x", b"16 path=../../x\n"), file("short", b"x")]), "leads out");
}

fn long(name: &[u8]) -> Vec<u8> {
    entry(EntryType::GNULongName, b"././@LongLink", name)
}

#[test]
fn long_names_are_taken_in_each_way_that_tar_writes_them() {
    let name = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let field = format!(" path={name}\n");
    let field = format!("{}{field}", field.len() + 3);
    for about in [long(name.as_bytes()), entry(EntryType::XHeader, b"x", field.as_bytes())] {
        let (folder, done) = unpacked(&tar(&[about, file("short", b"x"), file("next", b"y")]), BOUNDS);
        done.unwrap();
        let expected = [(name.clone(), b"x".to_vec()), ("next".to_owned(), b"y".to_vec())];
        assert_eq!(files(&folder.path().join("inside")), expected);
    }
}

#[test]
fn links_and_devices_are_refused_by_name() {
    for (kind, word) in [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::GNUSparse, "holes"),
        (EntryType::new(b'Z'), "neither"),
    ] {
        refused(&tar(&[file("a", b"x"), entry(kind, b"weights", b"")]), word);
        refused(&tar(&[entry(kind, b"weights", b"")]), "\"weights\"");
    }
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.add_symlink("weights", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    refused(&writer.finish().unwrap().into_inner(), "\"weights\", which is a link");
}

#[test]
fn no_two_entries_mean_one_place() {
    for (first, second) in [("a", "a"), ("a", "A"), ("dir/a", "DIR/b"), ("a", "a/b"), ("a/b", "a"), ("a", "./a")] {
        refused(&tar(&[file(first, b"x"), file(second, b"y")]), "twice");
        let placeholder = "n".repeat(second.len());
        let bytes = zip(&[(first, b"x"), (&placeholder, b"y")]);
        refused(&replaced(&bytes, placeholder.as_bytes(), second.as_bytes()), "twice");
    }
}

#[test]
fn entries_and_bytes_are_bounded_whatever_the_archive_says() {
    let many: Vec<_> = (0..51).map(|n| file(&format!("f{n}"), b"")).collect();
    refused(&tar(&many), "more than 50 entries");
    let names: Vec<String> = (0..51).map(|n| format!("f{n}")).collect();
    refused(&zip(&names.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>()), "more than 50 entries");
    let deep: Vec<_> = (0..49).map(|n| file(&format!("a{n}/b/c"), b"x")).collect();
    refused(&tar(&deep), "more than 50 entries");

    let zeros = vec![0; (1 << 20) + 1];
    for bytes in [tar(&[file("big", &zeros)]), gz(&tar(&[file("big", &zeros)])), zip(&[("big", &zeros)])] {
        refused(&bytes, "more than 1048576 bytes");
    }
    // The size that a zip states is a lie: it says 1.
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let lie = replaced(&zip(&[("big", &zeros)]), &size, &1_u32.to_le_bytes());
    let (folder, done) = unpacked(&lie, BOUNDS);
    assert!(done.is_err());
    assert!(files(&folder.path().join("inside"))[0].1.len() <= 1 << 20);
}

#[test]
fn a_bomb_is_stopped_by_its_share_long_before_a_high_limit() {
    let zeros = vec![0; 100 << 20];
    let high = ArchiveBounds::bytes(u64::MAX);
    let zipped = zip(&[("big", &zeros)]);
    // One that says its size is not unpacked at all.
    for bytes in [gz(&tar(&[file("big", &zeros)])), zipped.clone()] {
        let (folder, done) = unpacked(&bytes, high);
        let error = done.unwrap_err();
        assert!(matches!(error, ArchiveError::Bomb { .. }), "{error}");
        assert_eq!(files(&folder.path().join("inside")), []);
    }
    // Parts of a zip count together.
    let half = &zeros[..40 << 20];
    let (folder, done) = unpacked(&zip(&[("a", half), ("b", half)]), high);
    assert!(matches!(done.unwrap_err(), ArchiveError::Bomb { .. }));
    assert_eq!(files(&folder.path().join("inside")), []);
    // One that lies is stopped on its way.
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let (folder, done) = unpacked(&replaced(&zipped, &size, &1_u32.to_le_bytes()), high);
    assert!(done.is_err());
    let written = fs::metadata(folder.path().join("inside/big")).unwrap().len();
    assert!(written < 90 << 20, "{written}");
}

#[test]
fn what_is_encrypted_compressed_otherwise_or_has_no_file_is_refused() {
    // Bit 0 of the flags, in the local header and in the list.
    let whole = zip(&[("weights", b"some content that is stored")]);
    let mut encrypted = whole.clone();
    let list = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    encrypted[6] |= 1;
    encrypted[list + 8] |= 1;
    refused(&encrypted, "\"weights\" is encrypted");
    let mut unknown = whole.clone();
    unknown[8] = 12;
    unknown[list + 10] = 12;
    refused(&unknown, "cannot be unpacked");
    for empty in [tar(&[entry(EntryType::Directory, b"d/", b"")]), zip(&[]), tar(&[file("", b"")])] {
        let (_, done) = unpacked(&empty, BOUNDS);
        assert!(done.is_err());
    }
    refused(b"plain text", "no archive");
    refused(&gz(b"plain text"), "no archive");
}

#[test]
fn a_list_of_entries_may_not_claim_more_than_it_has() {
    let mut zip64 = zip(&[("a", b"x")]);
    let end = zip64.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let locator = [&b"PK\x06\x07"[..], &[0; 16]].concat();
    zip64.splice(end..end, locator);
    refused(&zip64, "zip64");
    // One that stands inside a stored archive is none of its own, unless the record at the end does not tell where to look.
    let outer = zipped(&[("inner.zip", &[&zip64[..], b"more"].concat())], CompressionMethod::Stored);
    let (found, done) = unpacked(&outer, BOUNDS);
    assert!(done.is_ok() && found.path().join("inside/inner.zip").is_file(), "{done:?}");
    for (place, value) in [(4, 1), (8, 9), (12, 1), (20, 1)] {
        let mut unclear = outer.clone();
        unclear[outer.len() - 22 + place] = value;
        refused(&unclear, "zip64");
    }
    let mut claims = zip(&[("a", b"x")]);
    let end = claims.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    claims[end + 8..end + 12].copy_from_slice(&[0xff; 4]);
    let (_, done) = unpacked(&claims, BOUNDS);
    assert!(done.is_err());
}

#[test]
fn what_is_cut_short_or_changed_is_noticed() {
    let plain = tar(&[file("a", &[7; 3000]), file("b", &[8; 3000])]);
    let packed = gz(&plain);
    let zipped = zip(&[("a", &[7; 3000]), ("b", b"0123456789")]);
    for bytes in [&plain, &packed, &zipped] {
        for share in [1, 3, 5, 7, 9] {
            let (_, done) = unpacked(&bytes[..bytes.len() * share / 10], BOUNDS);
            assert!(done.is_err(), "{share} tenths of {} bytes", bytes.len());
        }
    }
    let mut changed = packed.clone();
    let at = changed.len() - 6;
    changed[at] ^= 1;
    assert!(unpacked(&changed, BOUNDS).1.is_err());
    let stored = replaced(&zipped, b"0123456789", b"0123456780");
    if stored != zipped {
        assert!(unpacked(&stored, BOUNDS).1.is_err());
    }
}

#[test]
fn an_archive_in_an_archive_stays_packed() {
    let inner = zip(&[("../../x", b"x")]);
    let (folder, done) = unpacked(&tar(&[file("inner.zip", &inner)]), BOUNDS);
    done.unwrap();
    assert_eq!(files(&folder.path().join("inside")), [("inner.zip".to_owned(), inner)]);
}

fn packed(folder: &Path) -> Vec<u8> {
    let folder = Folder::read(folder).unwrap();
    let mut stream = Vec::new();
    folder.write(&mut stream).unwrap();
    assert_eq!(folder.size(), stream.len() as u64);
    stream
}

#[test]
fn a_folder_packs_the_same_every_time_and_unpacks_to_itself() {
    let deep = format!("{}/{}", "d".repeat(80), "f".repeat(80));
    let content = [("MLmodel", &b"flavors"[..]), ("data/model.bin", &[3; 1300]), ("a.txt", b""), (&deep, b"x")];
    let make = |order: &mut dyn Iterator<Item = &(&str, &[u8])>| {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in order {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
        }
        fs::set_permissions(folder.path().join("a.txt"), fs::Permissions::from_mode(0o711)).unwrap();
        folder
    };
    let (one, two) = (make(&mut content.iter()), make(&mut content.iter().rev()));
    let stream = packed(one.path());
    assert_eq!(stream, packed(two.path()));
    let (folder, done) = unpacked(&stream, BOUNDS);
    done.unwrap();
    let inside = folder.path().join("inside");
    assert_eq!(files(&inside), files(one.path()));
    assert_eq!(packed(&inside), stream);
}

#[test]
fn a_folder_with_a_link_or_without_files_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Folder::read(folder.path()), Err(PackError::Empty { .. })));
    fs::write(folder.path().join("a"), b"x").unwrap();
    let read = Folder::read(folder.path()).unwrap();
    fs::write(folder.path().join("a"), b"longer").unwrap();
    assert!(matches!(read.write(&mut Vec::new()), Err(PackError::Changed { .. })));
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("b")).unwrap();
    let error = Folder::read(folder.path()).unwrap_err();
    assert!(matches!(error, PackError::Kind { what: "a link", .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_entries_are_called_nothing_appears_outside(
        names in prop::collection::vec(
            prop::collection::vec(prop::sample::select(b"./\\aA:C\0\x7f \xc3\xa9~".to_vec()), 1..12), 1..6),
        kinds in prop::collection::vec(prop::sample::select(b"0125LxgK7S".to_vec()), 6),
    ) {
        let entries: Vec<_> =
            names.iter().zip(&kinds).map(|(name, kind)| entry(EntryType::new(*kind), name, b"content")).collect();
        let _ = unpacked(&tar(&entries), BOUNDS);
        for name in &names {
            let placeholder = "n".repeat(name.len());
            let _ = unpacked(&replaced(&zip(&[(&placeholder, b"x")]), placeholder.as_bytes(), name), BOUNDS);
        }
    }

    #[test]
    fn whatever_the_bytes_it_ends_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
        at in 0_usize..2_000,
        byte in any::<u8>(),
    ) {
        for start in [&b"PK\x03\x04"[..], b"\x1f\x8b\x08", b""] {
            let _ = unpacked(&[start, &bytes].concat(), BOUNDS);
        }
        for mut whole in [tar(&[file("a", b"xy")]), zip(&[("a", b"xy"), ("b/c", b"z")]), gz(&tar(&[file("a", b"xy")]))] {
            let at = at % whole.len();
            whole[at] = byte;
            let _ = unpacked(&whole, BOUNDS);
        }
    }
}
