//! The lines that the page holds: a bounded number, in order, with those that hold what is searched for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::wire::{LogLine, LogPage};

/// Lines that are held while the newest are followed; the oldest go first.
pub(super) const FOLLOWED: usize = 10_000;
/// Lines that are held while somebody reads.
pub(super) const READ: usize = 20_000;
/// Spaces that are drawn for a tab.
const TAB: &str = "    ";

/// A line as it is drawn.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// The choice of lines that it belongs to: another one begins to count anew.
    pub(super) edition: u64,
    /// Its place among the lines: one more than the line before it.
    pub(super) number: i64,
    /// None for a gap: lines that were not kept.
    pub(super) line: Option<LogLine>,
    /// What is shown of it.
    pub(super) text: String,
    /// Its width in letters.
    pub(super) width: usize,
}

/// Lines in order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Book {
    edition: u64,
    rows: VecDeque<Arc<Row>>,
    /// The place before the first line, by replica.
    begins: BTreeMap<String, u64>,
    /// The server has lines before the first.
    earlier: bool,
    /// What is searched for, in small letters.
    sought: String,
    /// Numbers of the rows that hold it, in order.
    hits: VecDeque<i64>,
    widest: usize,
}

impl Book {
    /// Begins with a page of lines.
    pub(super) fn open(&mut self, page: LogPage<LogLine>) {
        let sought = std::mem::take(&mut self.sought);
        *self = Self { sought, edition: self.edition + 1, ..Self::default() };
        self.note_earlier(page.earlier_cursor.as_deref());
        let rows: Vec<_> = page.items.into_iter().map(|line| row(0, Some(line))).collect();
        rows.into_iter().for_each(|row| self.push(row));
    }

    /// Adds lines that were written since; of more than `most` the oldest go.
    pub(super) fn append(&mut self, lines: Vec<LogLine>, lost: bool, most: usize) {
        if lost && !self.rows.is_empty() {
            self.push(row(0, None));
        }
        lines.into_iter().for_each(|line| self.push(row(0, Some(line))));
        while self.rows.len() > most {
            self.drop_first();
        }
    }

    /// Adds the lines before the first.
    pub(super) fn prepend(&mut self, page: LogPage<LogLine>) {
        for line in page.items.into_iter().rev() {
            let number = self.first().map_or(0, |first| first - 1);
            let row = Row { edition: self.edition, ..row(number, Some(line)) };
            self.widest = self.widest.max(row.width);
            if self.is_hit(&row) {
                self.hits.push_front(number);
            }
            self.rows.push_front(Arc::new(row));
        }
        self.note_earlier(page.earlier_cursor.as_deref());
    }

    fn note_earlier(&mut self, cursor: Option<&str>) {
        self.earlier = cursor.is_some();
        let parts = cursor.unwrap_or_default().split(',').filter_map(|part| part.split_once(':'));
        self.begins = parts.filter_map(|(id, at)| Some((id.to_owned(), at.parse().ok()?))).collect();
    }

    fn push(&mut self, row: Row) {
        let number = self.rows.back().map_or(0, |last| last.number + 1);
        let row = Row { edition: self.edition, number, ..row };
        self.widest = self.widest.max(row.width);
        if self.is_hit(&row) {
            self.hits.push_back(row.number);
        }
        self.rows.push_back(Arc::new(row));
    }

    fn drop_first(&mut self) {
        let Some(row) = self.rows.pop_front() else { return };
        if self.hits.front() == Some(&row.number) {
            self.hits.pop_front();
        }
        // From here on it is one of the earlier lines.
        if let Some(line) = &row.line {
            self.begins.insert(line.replica.to_string(), line.position);
            self.earlier = true;
        }
    }

    /// The place before which earlier lines are read; none where there are none, or no more may be held.
    pub(super) fn before(&self) -> Option<String> {
        let room = self.rows.len() < READ;
        let places = self.begins.iter().map(|(id, at)| format!("{id}:{at}"));
        (self.earlier && room).then(|| places.collect::<Vec<_>>().join(","))
    }

    /// True when the server has earlier lines than are held.
    pub(super) fn has_earlier(&self) -> bool {
        self.earlier
    }

    /// Looks for words; none are sought when it is empty.
    pub(super) fn seek(&mut self, words: &str) {
        self.sought = words.trim().to_lowercase();
        self.hits = self.rows.iter().filter(|row| self.is_hit(row)).map(|row| row.number).collect();
    }

    fn is_hit(&self, row: &Row) -> bool {
        !self.sought.is_empty() && row.text.to_lowercase().contains(&self.sought)
    }

    /// Numbers of the rows that hold what is sought, in order.
    pub(super) fn hits(&self) -> &VecDeque<i64> {
        &self.hits
    }

    /// The number of the first row.
    pub(super) fn first(&self) -> Option<i64> {
        self.rows.front().map(|row| row.number)
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Rows from one on, by their places in the list.
    pub(super) fn rows(&self, from: usize, count: usize) -> Vec<Arc<Row>> {
        self.rows.iter().skip(from).take(count).cloned().collect()
    }

    /// Letters of the widest line that was held.
    pub(super) fn widest(&self) -> usize {
        self.widest
    }

    /// Where each row begins, in lines of the screen, and at the end where the last one ends. Lines are broken after
    /// `columns` letters, where they are broken at all; `head` lines stand above each.
    pub(super) fn tops(&self, columns: Option<usize>, head: usize) -> Vec<usize> {
        let mut tops = Vec::with_capacity(self.rows.len() + 1);
        let mut top = 0;
        tops.push(top);
        for row in &self.rows {
            let lines = columns.map_or(1, |columns| row.width.div_ceil(columns.max(1)).max(1));
            top += head + lines;
            tops.push(top);
        }
        tops
    }
}

fn row(number: i64, line: Option<LogLine>) -> Row {
    let text = line
        .as_ref()
        .map_or_else(|| "Lines in between are not kept any more.".to_owned(), |line| line.line.replace('\t', TAB));
    Row { edition: 0, number, line, width: text.chars().map(width).sum(), text }
}

/// The columns that a letter takes in a font of even width.
fn width(letter: char) -> usize {
    match letter {
        '\0'..='\u{10ff}' => 1,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 2,
        '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use domain::id::RevisionNumber;

    use super::*;

    fn line(replica: &str, position: u64, text: &str) -> LogLine {
        let (replica, revision) = (replica.parse().unwrap(), Some(RevisionNumber(1)));
        LogLine { at: None, level: None, replica, revision, position, line: text.to_owned() }
    }

    fn page(lines: Vec<LogLine>, earlier: Option<&str>) -> LogPage<LogLine> {
        LogPage { items: lines, next_cursor: None, earlier_cursor: earlier.map(str::to_owned) }
    }

    fn texts(book: &Book) -> Vec<String> {
        book.rows(0, usize::MAX).iter().map(|row| format!("{}:{}", row.number, row.text)).collect()
    }

    #[test]
    fn rows_of_another_choice_are_others_though_they_are_counted_anew() {
        let mut book = Book::default();
        let mut keys = ["info", "error"].map(|text| {
            book.open(page(vec![line("r", 1, text)], None));
            let first = &book.rows(0, 1)[0];
            (first.edition, first.number)
        });
        keys.sort_unstable();
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn lines_that_leave_at_the_top_can_be_read_again() {
        let mut book = Book::default();
        book.open(page(vec![line("r1", 3, "c"), line("r2", 1, "x")], Some("r1:2,r2:0")));
        assert_eq!(book.before().as_deref(), Some("r1:2,r2:0"));
        book.append(vec![line("r1", 4, "d"), line("r1", 5, "e")], false, 2);
        assert_eq!(texts(&book), ["2:d", "3:e"]);
        assert_eq!(book.before().as_deref(), Some("r1:3,r2:1"));
        book.prepend(page(vec![line("r1", 3, "c"), line("r2", 1, "x")], None));
        assert_eq!(texts(&book), ["0:c", "1:x", "2:d", "3:e"]);
        assert_eq!(book.before(), None);
    }

    #[test]
    fn a_book_that_held_everything_knows_what_has_left_it() {
        let mut book = Book::default();
        book.open(page(vec![line("r1", 1, "a"), line("r1", 2, "b")], None));
        assert_eq!(book.before(), None);
        book.append(vec![line("r1", 3, "c")], false, 2);
        assert_eq!(book.before().as_deref(), Some("r1:1"));
    }

    #[test]
    fn no_more_is_read_than_may_be_held() {
        let mut book = Book::default();
        let many = (0..READ as u64).map(|n| line("r1", n + 8, "x")).collect();
        book.open(page(many, Some("r1:7")));
        assert!(book.has_earlier() && book.before().is_none());
    }

    #[test]
    fn hits_follow_the_lines() {
        let mut book = Book::default();
        book.seek(" Warm ");
        book.open(page(vec![line("r1", 1, "WARM up"), line("r1", 2, "cold")], Some("r1:0")));
        book.append(vec![line("r1", 3, "luke\twarm")], true, 9);
        book.prepend(page(vec![line("r1", 1, "warm")], None));
        assert_eq!(book.hits(), &[-1, 0, 3]);
        book.append(Vec::new(), false, 2);
        assert_eq!((book.hits().clone(), book.first()), (VecDeque::from([3]), Some(2)));
        book.seek("");
        assert!(book.hits().is_empty());
    }

    #[test]
    fn rows_are_as_high_as_their_broken_lines() {
        let mut book = Book::default();
        let lines = ["", "12345", "123456", "日本語", "\tx"];
        book.open(page((1..).zip(lines).map(|(at, text)| line("r1", at, text)).collect(), None));
        assert_eq!(book.tops(None, 0), [0, 1, 2, 3, 4, 5]);
        assert_eq!(book.tops(Some(5), 0), [0, 1, 2, 4, 6, 7]);
        assert_eq!(book.tops(Some(5), 1), [0, 2, 4, 7, 10, 12]);
        assert_eq!(book.widest(), 6);
    }
}
