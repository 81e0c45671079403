//! The page itself, and names that carry a hash of the content, so that browsers may keep the files for good.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

/// Files beside the program that the page names. The script comes after those that it names.
const BESIDE: [&str; 3] = ["changeover.css", "favicon.svg", "boot.js"];
/// Files of the program that the page names, so that they are fetched early.
const EARLY: [&str; 3] = ["app_bg.wasm", "app.js", "parts.js"];

/// Puts `index.html`, `boot.js` and `favicon.svg` from `app/` beside what was built in `out/assets`, renames the
/// assets to `name-HASH.ext`, and puts the final names wherever `/assets/name.ext` is written in the page, and `./name.ext`
/// in a script, which lies beside it. The files of the program name each other in circles, so all of them have one hash.
pub(super) fn assemble(app: &Path, out: &Path) -> Result<()> {
    let assets = out.join("assets");
    let mut page = fs::read_to_string(app.join("index.html")).context("app/index.html cannot be read")?;
    let program = program(&assets)?;
    let mut content = Vec::new();
    for name in &program {
        content.extend(fs::read(assets.join(name))?);
    }
    let renamed: Vec<(&str, String)> =
        program.iter().map(|name| Ok((name.as_str(), hashed_name(name, &content)?))).collect::<Result<_>>()?;
    for (name, hashed) in &renamed {
        fs::rename(assets.join(name), assets.join(hashed))?;
        mention(&assets.join(hashed), &renamed)?;
    }
    for (name, hashed) in renamed.iter().filter(|(name, _)| EARLY.contains(name)) {
        name_in_page(&mut page, name, hashed)?;
    }
    for name in BESIDE {
        let path = assets.join(name);
        if app.join(name).is_file() {
            fs::copy(app.join(name), &path).with_context(|| format!("app/{name} cannot be copied"))?;
        }
        mention(&path, &renamed)?;
        let hashed = hashed_name(name, &fs::read(&path)?)?;
        fs::rename(path, assets.join(&hashed))?;
        name_in_page(&mut page, name, &hashed)?;
    }
    fs::write(out.join("index.html"), page)?;
    Ok(())
}

/// The names of the program's files, in order.
fn program(assets: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(assets)? {
        let name = entry?.file_name().into_string().map_err(|name| anyhow!("{} is no text", name.display()))?;
        if name.ends_with(".js") || name.ends_with(".wasm") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Puts the final names into a script, where it loads files: what the program itself calls a file stays.
fn mention(file: &Path, renamed: &[(&str, String)]) -> Result<()> {
    if file.extension().is_none_or(|extension| extension != "js") {
        return Ok(());
    }
    let mut text = fs::read_to_string(file)?;
    for (name, hashed) in renamed {
        for before in ["from ", "import ", "URL("] {
            for quote in ['"', '\''] {
                let written = |name: &str| format!("{before}{quote}./{name}{quote}");
                text = text.replace(&written(name), &written(hashed));
            }
        }
    }
    Ok(fs::write(file, text)?)
}

fn name_in_page(page: &mut String, name: &str, hashed: &str) -> Result<()> {
    let before = format!("/assets/{name}");
    if !page.contains(&before) {
        bail!("app/index.html does not mention {before}; the page would not load it");
    }
    *page = page.replace(&before, &format!("/assets/{hashed}"));
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

    fn assembled(css: &str, part: &str) -> (tempfile::TempDir, Vec<String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let (app, out) = (folder.path().join("app"), folder.path().join("out"));
        let assets = out.join("assets");
        fs::create_dir_all(&assets).unwrap();
        fs::create_dir_all(&app).unwrap();
        let page: String = BESIDE.iter().chain(&EARLY).map(|name| format!("<x src=\"/assets/{name}\">")).collect();
        fs::write(app.join("index.html"), page).unwrap();
        fs::write(app.join("boot.js"), "import \"./app.js\"; new URL(\"./app_bg.wasm\", import.meta.url)").unwrap();
        fs::write(app.join("favicon.svg"), "<svg/>").unwrap();
        fs::write(assets.join("changeover.css"), css).unwrap();
        fs::write(assets.join("app.js"), "import * as parts from './parts.js'; ({ \"./parts.js\": parts })").unwrap();
        fs::write(assets.join("parts.js"), "import \"./app.js\"; fetch(new URL(\"./split_history.wasm\"))").unwrap();
        fs::write(assets.join("app_bg.wasm"), "wasm").unwrap();
        fs::write(assets.join("split_history.wasm"), part).unwrap();
        assemble(&app, &out).unwrap();
        let mut names: Vec<String> =
            fs::read_dir(&assets).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let page = fs::read_to_string(out.join("index.html")).unwrap();
        (folder, names, page)
    }

    #[test]
    fn every_asset_gets_a_hash_and_every_mention_follows() {
        let (folder, names, page) = assembled("body{}", "part");
        assert_eq!(names.len(), 7);
        let final_name = |start: &str| names.iter().find(|name| name.starts_with(start)).unwrap().as_str();
        for name in names.iter().filter(|name| !name.starts_with("split_")) {
            assert!(page.contains(&format!("/assets/{name}")), "{name} in {page}");
        }
        let mentions =
            [("boot-", "app-"), ("boot-", "app_bg-"), ("app-", "parts-"), ("parts-", "app-"), ("parts-", "split_")];
        for (script, named) in mentions {
            let text = fs::read_to_string(folder.path().join("out/assets").join(final_name(script))).unwrap();
            assert!(text.contains(&format!("./{}", final_name(named))), "{named} in {text}");
        }
    }

    #[test]
    fn what_the_program_calls_a_file_stays() {
        let (folder, names, _) = assembled("body{}", "part");
        let app = names.iter().find(|name| name.starts_with("app-")).unwrap();
        let text = fs::read_to_string(folder.path().join("out/assets").join(app)).unwrap();
        assert!(text.ends_with("({ \"./parts.js\": parts })"), "{text}");
    }

    #[test]
    fn a_name_changes_with_the_content_and_only_then() {
        let names = |css, part| assembled(css, part).1;
        assert_eq!(names("a{}", "part"), names("a{}", "part"));
        let same = |one: &[String], two: &[String]| one.iter().filter(|name| two.contains(name)).count();
        let one = names("a{}", "part");
        assert_eq!(same(&one, &names("b{}", "part")), 6, "only the style sheet's name differs");
        assert_eq!(
            same(&one, &names("a{}", "other")),
            2,
            "the program's parts belong together, and the script names them"
        );
    }
}
