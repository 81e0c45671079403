//! A brotli file beside every file of the interface, and what they weigh.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::inputs::files;

/// Writes `FILE.br` next to each file and gives a table of sizes, raw and compressed.
pub(super) fn all(folder: &Path) -> Result<String> {
    let mut table = String::new();
    let (mut raw, mut small) = (0, 0);
    for file in files(folder)? {
        let content = fs::read(&file)?;
        let compressed = brotli(&content)?;
        let mut name = file.clone().into_os_string();
        name.push(".br");
        fs::write(name, &compressed)?;
        let shown = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        writeln!(table, "    {shown:<44} {:>9} {:>9} brotli", kb(content.len()), kb(compressed.len()))?;
        raw += content.len();
        small += compressed.len();
    }
    writeln!(table, "    {:<44} {:>9} {:>9} brotli", "together", kb(raw), kb(small))?;
    Ok(table)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params).context("a file could not be compressed")?;
    Ok(compressed)
}

fn kb(bytes: usize) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_gets_a_companion_that_unpacks_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let text = "some text ".repeat(1000);
        fs::write(folder.path().join("a.css"), &text).unwrap();
        let table = all(folder.path()).unwrap();
        assert!(table.contains("a.css") && table.contains("10.0 KB"), "{table}");
        let mut unpacked = Vec::new();
        let packed = fs::read(folder.path().join("a.css.br")).unwrap();
        brotli::BrotliDecompress(&mut &*packed, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(packed.len() < 100);
    }
}
