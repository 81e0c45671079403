//! Pictures of screens that are kept, and how a screen is compared with its own.
//!
//! A kept picture is a sixteenth of the screen: each of its points is the mean of four by four. Smoothing of letters and a
//! shift by a pixel vanish in that; a block that moves, goes or changes its colour does not. With
//! `CHANGEOVER_KEEP_PICTURES=1` the pictures are kept anew, in `tests/browser/kept/`.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::faults::pictures;

/// Screens whose looks depend on nothing but the program.
const SCREENS: [&str; 16] = [
    "sign-in",
    "deployments-empty",
    "deployments",
    "deployment",
    "deployment-configurations",
    "deployment-dead",
    "update",
    "roll-back",
    "deployment-settings",
    "models",
    "register",
    "history",
    "policies",
    "groups",
    "people-several",
    "request-open",
];
/// Pixels of the screen beside each other that are one point of a kept picture.
const BLOCK: usize = 4;
/// The difference of a colour, of 255, from which a point counts as another.
const DIFFERS: u8 = 40;
/// The share of points that may be others.
const TOLERATED: f64 = 0.01;
/// Steps between colours that are kept, so that the pictures are small.
const STEP: u8 = 8;

/// What of a page changes by itself: shapes of measured numbers are hidden, and what is written is made the same each time.
/// What was replaced is put back by [`MOVE_AGAIN`].
pub(crate) const HOLD_STILL: &str = "
    // No element for it: the page takes no style from its own text.
    window.heldSheet = new CSSStyleSheet();
    window.heldSheet.replaceSync(`
        [data-test=chart], [data-test=gauges], .sparkline, [data-test=receipt] td, [data-test=steps], [data-test=rehearsal],
        .cell.requests, .cell.p95, .cell.errors, [data-test=verification], .hash, [data-test=session], .split-bar
        { visibility: hidden !important; }
        * { caret-color: transparent !important; scrollbar-width: none !important; }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.heldSheet];
    const same = [
        [/127\\.0\\.0\\.1:\\d+/g, '127.0.0.1:1'],
        [/\\b[0-9a-z]{24,}\\b/g, 'id'],
        [/\\b[0-9a-f]{8}…[0-9a-f]{4}\\b/g, 'hash'],
        [/\\d{1,2}:\\d{2}(:\\d{2})?/g, '00:00'],
        [/\\b(now|\\d[\\d.,]* ?(ms|s|min|h|day|days)( \\d+ (s|min|h))?( ago)?)\\b/g, '1 s'],
        [/\\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\\b/g, 'Mon 1 Jan'],
        [/\\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \\d{1,2}(, \\d{4})?\\b/g, 'Jan 1'],
    ];
    window.heldStill = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode;
        const held = same.reduce((text, [pattern, put]) => text.replace(pattern, put), node.nodeValue);
        if (held !== node.nodeValue) { window.heldStill.push([node, node.nodeValue, held]); node.nodeValue = held; }
    }";
/// Puts back what was held still, unless the page has written something else meanwhile.
pub(crate) const MOVE_AGAIN: &str = "
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== window.heldSheet);
    for (const [node, before, held] of window.heldStill ?? []) if (node.nodeValue === held) node.nodeValue = before;
    window.heldStill = [];";

/// True for a screen of which a picture is kept.
pub(crate) fn is_kept(screen: &str) -> bool {
    SCREENS.contains(&screen)
}

/// Compares what is shown with the kept picture, or keeps it; the fault where it is another.
pub(crate) fn compare(screen: &str, width: u32, shown: &[u8]) -> anyhow::Result<Option<String>> {
    let name = format!("{screen}-{width}.png");
    let kept = folder().join(&name);
    let small = Small::of_screen(shown)?;
    if std::env::var_os("CHANGEOVER_KEEP_PICTURES").is_some_and(|value| value == "1") {
        fs::create_dir_all(folder())?;
        fs::write(&kept, small.written()?)?;
        return Ok(None);
    }
    let Ok(before) = fs::read(&kept) else {
        return Ok(Some(format!("no picture is kept in {}: keep it with CHANGEOVER_KEEP_PICTURES=1", kept.display())));
    };
    let share = small.share_of_others(&Small::read(&before)?);
    if share <= TOLERATED {
        return Ok(None);
    }
    let differs = pictures().join(format!("differs-{name}"));
    fs::write(&differs, shown)?;
    let (share, kept, differs) = (share * 100.0, kept.display(), differs.display());
    Ok(Some(format!("{share:.1} % of it differs from {kept}, see {differs}")))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/kept")
}

/// A picture in points of red, green and blue.
#[derive(Debug, PartialEq, Eq)]
struct Small {
    width: usize,
    points: Vec<[u8; 3]>,
}

impl Small {
    /// Reads a PNG file as it is.
    fn read(file: &[u8]) -> anyhow::Result<Self> {
        let mut decoder = png::Decoder::new(Cursor::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().context("a picture is too large")?];
        let info = reader.next_frame(&mut bytes)?;
        let samples = info.color_type.samples();
        ensure!(samples >= 3, "a picture without colours");
        bytes.truncate(info.buffer_size());
        let points = bytes.chunks_exact(samples).map(|point| [point[0], point[1], point[2]]).collect();
        Ok(Self { width: info.width as usize, points })
    }

    /// The small picture of a whole screen.
    fn of_screen(file: &[u8]) -> anyhow::Result<Self> {
        let whole = Self::read(file)?;
        let (width, height) = (whole.width / BLOCK, whole.points.len() / whole.width.max(1) / BLOCK);
        let point = |x: usize, y: usize| {
            let mut sums = [0_usize; 3];
            for row in y * BLOCK..(y + 1) * BLOCK {
                for point in &whole.points[row * whole.width + x * BLOCK..][..BLOCK] {
                    sums.iter_mut().zip(point).for_each(|(sum, colour)| *sum += usize::from(*colour));
                }
            }
            sums.map(|sum| (sum / (BLOCK * BLOCK)) as u8 / STEP * STEP)
        };
        let points = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| point(x, y)).collect();
        Ok(Self { width, points })
    }

    /// As a PNG file.
    fn written(&self) -> anyhow::Result<Vec<u8>> {
        let (mut file, height) = (Vec::new(), self.points.len() / self.width.max(1));
        let mut encoder = png::Encoder::new(&mut file, u32::try_from(self.width)?, u32::try_from(height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        encoder.write_header()?.write_image_data(self.points.as_flattened())?;
        Ok(file)
    }

    /// The share of points that are others, from 0 to 1. Pictures of different sizes are different throughout.
    fn share_of_others(&self, other: &Self) -> f64 {
        if self.width != other.width || self.points.len() != other.points.len() {
            return 1.0;
        }
        let is_other = |a: &[u8; 3], b: &[u8; 3]| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > DIFFERS);
        let others = self.points.iter().zip(&other.points).filter(|(a, b)| is_other(a, b)).count();
        others as f64 / self.points.len().max(1) as f64
    }
}

#[test]
fn what_is_kept_is_read_back_and_compared_by_its_points() {
    let width = 40;
    let white = Small { width, points: vec![[248; 3]; width * width] };
    let small = Small::of_screen(&white.written().unwrap()).unwrap();
    assert_eq!((small.width, small.points.len()), (10, 100));
    assert_eq!(Small::read(&small.written().unwrap()).unwrap(), small);
    // A point of the screen that is smoothed otherwise is not seen, a block that is gone is.
    let mut shifted = white.points.clone();
    shifted[0] = [0; 3];
    let shifted = Small { width, points: shifted };
    assert_eq!(Small::of_screen(&shifted.written().unwrap()).unwrap().share_of_others(&small), 0.0);
    let mut gone = white.points.clone();
    for row in 0..8 {
        gone[row * width..][..8].fill([0; 3]);
    }
    let gone = Small { width, points: gone };
    assert_eq!(Small::of_screen(&gone.written().unwrap()).unwrap().share_of_others(&small), 0.04);
    assert_eq!(small.share_of_others(&white), 1.0);
}

/// A screen that is called otherwise where it is looked at has none.
#[test]
fn each_screen_that_is_kept_has_its_pictures_and_no_other_has() -> anyhow::Result<()> {
    let mut kept: std::collections::BTreeMap<String, usize> = SCREENS.map(|screen| (screen.to_owned(), 0)).into();
    for file in fs::read_dir(folder())? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let (screen, _) = name.rsplit_once('-').context("a picture without a width")?;
        *kept.entry(screen.to_owned()).or_default() += 1;
    }
    let wrong: Vec<_> = kept.iter().filter(|(screen, count)| **count != 4 || !is_kept(screen)).collect();
    ensure!(wrong.is_empty(), "pictures by screen, 4 to each: {wrong:?}");
    Ok(())
}
