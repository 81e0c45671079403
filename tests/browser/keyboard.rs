//! A person without a mouse: keys go to whatever has the focus, and the focus must be seen wherever it is.

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tests::program::until;

use crate::browser::Browser;

pub(crate) const TAB: &str = "\u{E004}";
/// Tab with Shift held.
const BACK: &str = "\u{E008}\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const ESCAPE: &str = "\u{E00C}";
pub(crate) const UP: &str = "\u{E013}";
pub(crate) const DOWN: &str = "\u{E015}";
pub(crate) const SPACE: &str = " ";
/// More stops than any screen has.
const MOST_STOPS: usize = 150;

/// The focus as it is drawn: around the element itself, or around the field that it is the text of.
const FOCUS: &str = "
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return {nowhere: true};
    const drawn = (element) => {
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(element);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    };
    // An input that is hidden, as one for files is, is seen by its label.
    const shown = at.matches('.visually-hidden') ? at.closest('label') ?? at.parentElement : at;
    const {left, top, right, bottom, width, height} = shown.getBoundingClientRect();
    const inside = width > 0 && height > 0 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
    const [x, y] = [(Math.max(left, 0) + Math.min(right, innerWidth)) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
    const hit = inside && document.elementFromPoint(x, y);
    return {
        what: at.outerHTML.slice(0, 160),
        is_page: at.matches('main'),
        is_drawn: at.matches(':focus-visible') && (drawn(shown) || drawn(at.parentElement)),
        is_inside: inside,
        is_covered: !(hit && (shown.contains(hit) || hit.contains(shown))),
    };";

/// The keys of one browser.
pub(crate) struct Keyboard<'a> {
    pub(crate) browser: &'a Browser,
}

impl Keyboard<'_> {
    /// Presses keys one after another.
    pub(crate) async fn press(&self, keys: &str) -> anyhow::Result<()> {
        self.browser.strike(keys).await
    }

    /// Goes to a field that is empty, and writes into it.
    pub(crate) async fn write(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.tab_to(css).await?;
        self.press(text).await
    }

    /// Goes on with Tab to a link or a button, and presses Enter on it.
    pub(crate) async fn enter(&self, css: &str) -> anyhow::Result<()> {
        self.tab_to(css).await?;
        self.press(ENTER).await
    }

    /// Presses Tab until something has the focus. Each stop on the way must be seen.
    pub(crate) async fn tab_to(&self, css: &str) -> anyhow::Result<()> {
        self.walk(TAB, css).await
    }

    /// Presses Tab with Shift until something has the focus.
    pub(crate) async fn back_to(&self, css: &str) -> anyhow::Result<()> {
        self.walk(BACK, css).await
    }

    /// Presses an arrow until something has the focus.
    pub(crate) async fn walk(&self, key: &str, css: &str) -> anyhow::Result<()> {
        self.browser.see(css).await?;
        let mut trail = Vec::new();
        for _ in 0..MOST_STOPS {
            if self.is_at(css).await? {
                return self.is_kept(css).await.map(drop);
            }
            self.press(key).await?;
            let focus = self.browser.ask(FOCUS).await?;
            // Once around, the focus is at the beginning of the page.
            if focus["nowhere"] != true {
                is_seen(&focus)?;
            }
            trail.push(focus["what"].to_string());
        }
        bail!("{css} cannot be reached; the stops on the way were {trail:#?}")
    }

    /// True when it has the focus.
    pub(crate) async fn is_at(&self, css: &str) -> anyhow::Result<bool> {
        Ok(self.browser.ask(&format!("return document.activeElement?.matches({css:?}) ?? false")).await? == true)
    }

    /// Waits until it has the focus by itself, and ensures that it is seen there.
    pub(crate) async fn comes_to(&self, css: &str) -> anyhow::Result<()> {
        let mut focus = String::new();
        let there = async || {
            focus = self.browser.ask("return document.activeElement?.outerHTML.slice(0, 160)").await?.to_string();
            Ok(self.is_at(css).await?.then_some(()))
        };
        let came = until(&format!("{css} having the focus"), there).await;
        came.with_context(|| format!("at last it was at {focus}"))?;
        self.is_kept(css).await.map(drop)
    }

    /// Ensures that the focus is somewhere, and seen there; the element that has it.
    pub(crate) async fn is_kept(&self, after: &str) -> anyhow::Result<String> {
        // It may be on its way while the page is drawn anew.
        let what = format!("the focus being somewhere after {after}");
        let found = until(&what, async || {
            let focus = self.browser.ask(FOCUS).await?;
            Ok((focus["nowhere"] != true).then_some(focus))
        });
        let focus = found.await?;
        is_seen(&focus)?;
        Ok(focus["what"].to_string())
    }
}

fn is_seen(focus: &Value) -> anyhow::Result<()> {
    let seen = focus["is_page"] == true || (focus["is_drawn"] == true && focus["is_inside"] == true);
    ensure!(seen && (focus["is_page"] == true || focus["is_covered"] == false), "the focus is not seen: {focus:#}");
    Ok(())
}
