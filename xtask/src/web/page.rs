//! The page itself, and names that carry a hash of the content, so that browsers may keep the files for good.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Files that are named by the ones after them, so they get their final name first.
const NAMED: [&str; 5] = ["changeover.css", "favicon.svg", "app_bg.wasm", "app.js", "boot.js"];

/// Puts `index.html`, `boot.js` and `favicon.svg` from `app/` beside what was built in `out/assets`, renames the
/// assets to `name-HASH.ext`, and puts the final names wherever `/assets/name.ext` is written in the page, and `./name.ext`
/// in a script, which lies beside it.
pub(super) fn assemble(app: &Path, out: &Path) -> Result<()> {
    let assets = out.join("assets");
    let mut page = fs::read_to_string(app.join("index.html")).context("app/index.html cannot be read")?;
    for name in ["boot.js", "favicon.svg"] {
        fs::copy(app.join(name), assets.join(name)).with_context(|| format!("app/{name} cannot be copied"))?;
    }
    for (i, name) in NAMED.into_iter().enumerate() {
        let hashed = hashed_name(name, &fs::read(assets.join(name))?)?;
        fs::rename(assets.join(name), assets.join(&hashed))?;
        let (before, after) = (format!("/assets/{name}"), format!("/assets/{hashed}"));
        if !page.contains(&before) {
            bail!("app/index.html does not mention {before}; the page would not load it");
        }
        page = page.replace(&before, &after);
        for later in NAMED.into_iter().skip(i + 1).filter(|later| later.ends_with(".js")) {
            let path = assets.join(later);
            let text = fs::read_to_string(&path)?;
            fs::write(&path, text.replace(&format!("\"./{name}\""), &format!("\"./{hashed}\"")))?;
        }
    }
    fs::write(out.join("index.html"), page)?;
    Ok(())
}

fn hashed_name(name: &str, content: &[u8]) -> Result<String> {
    let (stem, extension) = name.rsplit_once('.').context("an asset has an extension")?;
    let hash = hex::encode(Sha256::digest(content));
    Ok(format!("{stem}-{}.{extension}", &hash[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(css: &str) -> (tempfile::TempDir, Vec<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let (app, out) = (folder.path().join("app"), folder.path().join("out"));
        fs::create_dir_all(out.join("assets")).unwrap();
        fs::create_dir_all(&app).unwrap();
        let page: String = NAMED.iter().map(|name| format!("<x src=\"/assets/{name}\">")).collect();
        fs::write(app.join("index.html"), page).unwrap();
        fs::write(app.join("boot.js"), "import \"./app.js\"; new URL(\"./app_bg.wasm\", import.meta.url)").unwrap();
        fs::write(app.join("favicon.svg"), "<svg/>").unwrap();
        fs::write(out.join("assets/changeover.css"), css).unwrap();
        fs::write(out.join("assets/app.js"), "js").unwrap();
        fs::write(out.join("assets/app_bg.wasm"), "wasm").unwrap();
        assemble(&app, &out).unwrap();
        let mut names: Vec<String> =
            fs::read_dir(out.join("assets")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let page = fs::read_to_string(out.join("index.html")).unwrap();
        (folder, names, page)
    }

    #[test]
    fn every_asset_gets_a_hash_and_every_mention_follows() {
        let (folder, names, page) = assembled("body{}");
        assert_eq!(names.len(), 5);
        for name in &names {
            assert!(page.contains(&format!("/assets/{name}")), "{name} in {page}");
        }
        let boot = names.iter().find(|n| n.starts_with("boot-")).unwrap();
        let boot = fs::read_to_string(folder.path().join("out/assets").join(boot)).unwrap();
        for name in names.iter().filter(|n| n.starts_with("app")) {
            assert!(boot.contains(&format!("\"./{name}\"")), "{name} in {boot}");
        }
    }

    #[test]
    fn a_name_changes_with_the_content_and_only_then() {
        assert_eq!(assembled("a{}").1, assembled("a{}").1);
        let (one, two) = (assembled("a{}").1, assembled("b{}").1);
        let same = one.iter().filter(|name| two.contains(name)).count();
        assert_eq!(same, 4, "only the style sheet's name differs");
    }
}
