//! One style sheet from the files in `style/`, in the order of its layers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::inputs::files;

/// From the weakest to the strongest.
const LAYERS: [&str; 4] = ["tokens", "base", "components", "pages"];

/// Joins `style/LAYER.css` and then `style/LAYER/**.css`, layer by layer, by name within one.
pub(super) fn collect(folder: &Path) -> Result<String> {
    let mut sheet = format!("@layer {};\n", LAYERS.join(", "));
    for file in files(folder)? {
        let inside = file.strip_prefix(folder).unwrap_or(&file);
        if layer_of(inside).is_none() {
            bail!(
                "style/{} belongs to no layer: name it LAYER.css or put it in LAYER/, one of {LAYERS:?}",
                inside.display()
            );
        }
    }
    for layer in LAYERS {
        let of_it = |file: &PathBuf| layer_of(file.strip_prefix(folder).unwrap_or(file)) == Some(layer);
        let (first, rest): (Vec<_>, Vec<_>) =
            files(folder)?.into_iter().filter(of_it).partition(|file| file.parent() == Some(folder));
        for file in first.into_iter().chain(rest) {
            let text = fs::read_to_string(&file)?;
            // A file may say its layer itself.
            if text.contains("@layer ") {
                sheet += &text;
            } else {
                sheet += &format!("@layer {layer} {{\n{text}}}\n");
            }
        }
    }
    Ok(sheet)
}

fn layer_of(inside: &Path) -> Option<&'static str> {
    if inside.extension()? != "css" {
        return None;
    }
    let first = Path::new(inside.components().next()?.as_os_str()).file_stem()?.to_str()?;
    LAYERS.into_iter().find(|layer| *layer == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_come_in_their_order_and_files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("pages/a.css", ".a{}\n"),
            ("components/switch.css", ".switch{}\n"),
            ("components/button.css", "@layer components { .button{} }\n"),
            ("base.css", "body{}\n"),
            ("base/page.css", ".page{}\n"),
            ("tokens.css", ":root{}\n"),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(
            collect(folder.path()).unwrap(),
            "@layer tokens, base, components, pages;\n\
             @layer tokens {\n:root{}\n}\n@layer base {\nbody{}\n}\n@layer base {\n.page{}\n}\n\
             @layer components { .button{} }\n@layer components {\n.switch{}\n}\n@layer pages {\n.a{}\n}\n"
        );
    }

    #[test]
    fn a_file_outside_the_layers_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("misc.css"), "").unwrap();
        let error = collect(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("style/misc.css belongs to no layer"), "{error}");
    }
}
