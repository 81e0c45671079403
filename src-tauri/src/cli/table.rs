//! Aligned columns.

use console::measure_text_width;

use super::io::Io;

/// Rows under a head.
pub(super) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns.
    pub(super) fn new(head: impl Into<Vec<&'static str>>) -> Self {
        Self { head: head.into(), rows: Vec::new() }
    }

    /// One more row.
    pub(super) fn row(&mut self, cells: impl Into<Vec<String>>) {
        self.rows.push(cells.into());
    }

    /// True when there are no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it, `indent` spaces from the left.
    pub(super) fn show(&self, io: &mut Io, indent: usize) -> std::io::Result<()> {
        for line in self.lines(indent, |head| io.faint(head)) {
            io.line(line)?;
        }
        Ok(())
    }

    /// Its lines; `paint` is applied to each word of the head.
    pub(super) fn lines(&self, indent: usize, paint: impl Fn(&str) -> String) -> Vec<String> {
        let head: Vec<String> = self.head.iter().map(|word| paint(word)).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&head).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| rows.iter().map(|row| measure_text_width(&row[column])).max().unwrap_or(0))
            .collect();
        rows.iter()
            .map(|row| {
                let mut line = " ".repeat(indent);
                for (cell, width) in row.iter().zip(&widths) {
                    line.push_str(cell);
                    line.push_str(&" ".repeat(width + 2 - measure_text_width(cell)));
                }
                line.trim_end().to_owned()
            })
            .collect()
    }
}

/// Names and values under each other.
pub(super) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        self.0.push((name, value.into()));
        self
    }

    /// Writes them.
    pub(super) fn show(&self, io: &mut Io) -> std::io::Result<()> {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            let name = io.faint(&format!("{name:width$}"));
            io.line(format!("{name}  {value}"))?;
        }
        Ok(())
    }
}
