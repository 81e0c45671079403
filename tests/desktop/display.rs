//! A screen of its own that nobody sees, and what a person does with the window there.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, MapState, Window,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{CURRENT_TIME, NONE};

/// A virtual display; it ends when it goes out of scope.
pub(crate) struct Display {
    child: Child,
    /// The name of the display as programs want it in `DISPLAY`.
    pub(crate) name: String,
}

impl Display {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new("Xvfb");
        // It would start afresh, and throw everybody out, whenever its last client leaves.
        command.arg("-noreset").args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        let mut child = super::started(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let said = child.stdout.take().context("Xvfb says nothing")?;
        let mut display = Self { child, name: String::new() };
        let mut number = String::new();
        BufReader::new(said).read_line(&mut number)?;
        if number.trim().is_empty() {
            bail!("Xvfb found no display that is free");
        }
        display.name = format!(":{}", number.trim());
        Ok(display)
    }

    /// Asks the window with this title to close, as a click on its cross does; none when there is no such window.
    pub(crate) fn close(&self, title: &str) -> anyhow::Result<Option<()>> {
        let (x, screen) = RustConnection::connect(Some(&self.name))?;
        let Some(window) = find(&x, x.setup().roots[screen].root, title)? else { return Ok(None) };
        let atom = |name: &str| Ok::<_, anyhow::Error>(x.intern_atom(false, name.as_bytes())?.reply()?.atom);
        let data = [atom("WM_DELETE_WINDOW")?, CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS")?, data);
        x.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
        Ok(Some(()))
    }

    /// A picture of the window with this title, as PNG.
    ///
    /// Not by WebDriver: without compositing, which a virtual display does not have, it never answers.
    pub(crate) fn picture(&self, title: &str) -> anyhow::Result<Vec<u8>> {
        let (x, screen) = RustConnection::connect(Some(&self.name))?;
        let window = find(&x, x.setup().roots[screen].root, title)?.context("the window has gone")?;
        let size = x.get_geometry(window)?.reply()?;
        let image = x.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, size.width, size.height, !0)?.reply()?;
        // A depth of 24 bits is blue, green, red and a byte that means nothing.
        let pixels: Vec<u8> = image.data.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        let mut picture = Vec::new();
        let mut encoder = png::Encoder::new(&mut picture, size.width.into(), size.height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(picture)
    }

    /// True when a window with this title is on the screen.
    pub(crate) fn shows(&self, title: &str) -> anyhow::Result<bool> {
        let (x, screen) = RustConnection::connect(Some(&self.name))?;
        Ok(find(&x, x.setup().roots[screen].root, title)?.is_some())
    }
}

fn find(x: &RustConnection, root: Window, title: &str) -> anyhow::Result<Option<Window>> {
    for window in x.query_tree(root)?.reply()?.children {
        // One that has gone meanwhile is not looked for.
        let Ok(attributes) = x.get_window_attributes(window)?.reply() else { continue };
        let name = x.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64)?.reply();
        let named = name.is_ok_and(|name| name.type_ != NONE && name.value == title.as_bytes());
        if named && attributes.map_state == MapState::VIEWABLE {
            return Ok(Some(window));
        }
    }
    Ok(None)
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
