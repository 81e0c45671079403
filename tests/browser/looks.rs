//! The looks of a screen at two sizes, light, dark and with the colours of the system: pictures, sideways scrolling, the
//! findings of axe-core; and for some of them, at four sizes, whether they look as they did.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::faults::pictures;
use crate::{forced, kept};

/// Width and height in pixels.
const DESK: (u32, u32) = (1920, 1080);
const PHONE: (u32, u32) = (360, 780);
/// Of a picture in the README.
const README: (u32, u32) = (1280, 800);
const THEMES: [&str; 2] = ["light", "dark"];
/// In place of a theme: light, in the colours that the system forces.
const FORCED: &str = "forced";
/// Sizes in which screens are compared with the pictures of them that are kept.
const KEPT: [(u32, u32); 4] = [PHONE, (1024, 768), (1440, 900), DESK];
/// axe-core's names for WCAG 2.0, 2.1 and 2.2, A and AA.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/// Looks at screens one after another and keeps what is wrong with them.
pub(crate) struct Eye<'a> {
    browser: &'a Browser,
    axe: String,
    faults: Vec<String>,
}

impl<'a> Eye<'a> {
    /// An eye that has seen nothing yet.
    pub(crate) fn new(browser: &'a Browser) -> anyhow::Result<Self> {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../target/setup/front-end-tools/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(&from).context("axe-core is not there: run `cargo xtask setup`")?;
        fs::create_dir_all(pictures())?;
        Ok(Self { browser, axe, faults: Vec::new() })
    }

    /// Looks at what is shown now, in every size and theme.
    pub(crate) async fn look(&mut self, screen: &str) -> anyhow::Result<()> {
        for size in [DESK, PHONE] {
            let (width, height) = size;
            for theme in THEMES {
                show(self.browser, width, height, theme).await?;
                let what = format!("{screen}, {width}×{height}, {theme}");
                fs::write(picture(screen, width, theme), self.browser.picture().await?)?;
                self.sideways(&what).await?;
                // Between the themes, nothing but the colours differs, and these are the same in every size.
                if theme == THEMES[0] {
                    self.axe(&what, &json!({"type": "tag", "values": RULES})).await?;
                } else if size == DESK {
                    self.axe(&what, &json!({"type": "rule", "values": ["color-contrast"]})).await?;
                }
            }
        }
        self.forced(screen).await?;
        if kept::is_kept(screen) {
            self.as_kept(screen).await?;
        }
        let broke_off = self.browser.console().await?.into_iter().filter(|line| line.contains("panicked"));
        self.faults
            .extend(broke_off.map(|line| format!("on the way to {screen} the page's program broke off: {line}")));
        show(self.browser, DESK.0, DESK.1, THEMES[0]).await
    }

    /// Where the system forces its colours, everything keeps its meaning.
    async fn forced(&mut self, screen: &str) -> anyhow::Result<()> {
        for (width, height) in [DESK, PHONE] {
            show(self.browser, width, height, FORCED).await?;
            let what = format!("{screen}, {width}×{height}, {FORCED}");
            fs::write(picture(screen, width, FORCED), self.browser.picture().await?)?;
            let found = self.browser.ask(forced::FAULTS).await?;
            self.keep(&what, &found)?;
            if (width, height) == DESK {
                self.axe(&what, &json!({"type": "rule", "values": ["color-contrast"]})).await?;
            }
        }
        Ok(())
    }

    /// Compares the screen with the pictures of it that are kept.
    async fn as_kept(&mut self, screen: &str) -> anyhow::Result<()> {
        for (width, height) in KEPT {
            show(self.browser, width, height, THEMES[0]).await?;
            self.browser.ask(kept::HOLD_STILL).await?;
            drawn(self.browser).await?;
            let seen = self.browser.picture().await?;
            self.browser.ask(kept::MOVE_AGAIN).await?;
            let fault = kept::compare(screen, width, &seen)?;
            self.faults.extend(fault.map(|fault| format!("{screen}, {width}×{height}: {fault}")));
        }
        Ok(())
    }

    /// Keeps the faults that a script has found.
    fn keep(&mut self, what: &str, found: &Value) -> anyhow::Result<()> {
        let found = found.as_array().context("no list")?;
        self.faults.extend(found.iter().map(|fault| format!("{what}: {}", text(fault))));
        Ok(())
    }

    /// Everything that was wrong, together.
    pub(crate) fn closes(self) -> anyhow::Result<()> {
        match self.faults.as_slice() {
            [] => Ok(()),
            faults => Err(anyhow::anyhow!("{} faults:\n{}", faults.len(), faults.join("\n"))),
        }
    }

    /// The page must not scroll sideways, and nothing that can be used may lie outside it.
    async fn sideways(&mut self, what: &str) -> anyhow::Result<()> {
        let script = "
            const page = document.scrollingElement;
            const faults = [];
            const width = page.clientWidth;
            if (page.scrollWidth > width) faults.push(`scrolls sideways: ${page.scrollWidth} > ${width}`);
            for (const list of document.querySelectorAll('[data-test=steps], dialog .content')) {
                if (list.scrollWidth > list.clientWidth + 1) faults.push(`a list scrolls sideways: ${list.outerHTML.slice(0, 160)}`);
            }
            for (const row of document.querySelectorAll('[data-test=deployment]')) {
                const edge = row.getBoundingClientRect();
                for (const cell of row.querySelectorAll('.cell')) {
                    const {right, bottom, height} = cell.getBoundingClientRect();
                    if (height && (right > edge.right + 1 || bottom > edge.bottom - 4)) {
                        faults.push(`hangs over its row: ${cell.outerHTML.slice(0, 160)} ${right}, ${bottom} > ${edge.right}, ${edge.bottom}`);
                    }
                }
            }
            const rolls = (element) => {
                for (let at = element.parentElement; at; at = at.parentElement) {
                    if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
                }
                return false;
            };
            const top = document.querySelector('dialog[open]') ?? document.body;
            for (const element of top.querySelectorAll('a, button, input, select, textarea')) {
                if (!element.checkVisibility({visibilityProperty: true}) || element.matches('.skip, .visually-hidden')) continue;
                const {left, right} = element.getBoundingClientRect();
                if ((right > width + 1 || left < -1) && right > left && !rolls(element)) {
                    faults.push(`lies outside: ${element.outerHTML.slice(0, 160)} ${left}..${right}`);
                }
            }
            return faults;";
        let found = self.browser.ask(script).await?;
        self.keep(what, &found)
    }

    async fn axe(&mut self, what: &str, rules: &Value) -> anyhow::Result<()> {
        if self.browser.ask("return typeof axe").await? != "object" {
            self.browser.ask(&self.axe).await?;
        }
        let options =
            json!({"runOnly": rules, "rules": {"target-size": {"enabled": true}}, "resultTypes": ["violations"]});
        let script = format!(
            "const done = arguments[0]; axe.run(document, {options}).then((found) => done({{found}}), (error) => done({{error: String(error)}}));"
        );
        let answer = self.browser.ask_and_wait(&script).await?;
        let violations =
            answer["found"]["violations"].as_array().with_context(|| format!("axe-core: {}", answer["error"]))?;
        for violation in violations {
            for node in violation["nodes"].as_array().into_iter().flatten() {
                let (rule, help) = (text(&violation["id"]), text(&violation["help"]));
                let why = text(&node["failureSummary"]).replace('\n', " ");
                self.faults.push(format!("{what}: {rule} ({help}): {} {why}", node["target"]));
            }
        }
        Ok(())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn picture(screen: &str, width: u32, theme: &str) -> PathBuf {
    pictures().join(format!("{screen}-{width}-{theme}.png"))
}

/// Keeps a picture of what is shown for the README, as wide as a page of it, in the folder `readme` of the pictures.
/// Whoever changes a screen copies it to `app/pictures/`.
pub(crate) async fn keep_for_readme(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let (width, height) = README;
    show(browser, width, height, THEMES[0]).await?;
    let folder = pictures().join("readme");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{name}.png")), browser.picture().await?)?;
    show(browser, DESK.0, DESK.1, THEMES[0]).await
}

/// Sets size and theme without loading the page anew, with motion reduced so that nothing is caught halfway.
async fn show(browser: &Browser, width: u32, height: u32, theme: &str) -> anyhow::Result<()> {
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await?;
    let (theme, forced) = if theme == FORCED { (THEMES[0], "active") } else { (theme, "none") };
    let features = json!([
        {"name": "prefers-color-scheme", "value": theme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
        {"name": "forced-colors", "value": forced},
    ]);
    browser.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await?;
    drawn(browser).await
}

/// Waits for two frames: one in which the page hears of something, one in which it is drawn.
async fn drawn(browser: &Browser) -> anyhow::Result<()> {
    let script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));";
    browser.ask_and_wait(script).await.map(drop)
}
