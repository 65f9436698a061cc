//! What a page consists of, before it is HTML: the template puts it down, and knows nothing of segments.

use super::drawing::Drawing;
use segmenter_worker::words::Words;

/// A page.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    /// Its language, as HTML names it.
    pub(super) language: &'static str,
    /// What leads past the navigation.
    pub(super) skip: String,
    /// What the navigation is called.
    pub(super) contents: String,
    /// Title of the window.
    pub(super) title: String,
    /// The one heading of the first level.
    pub(super) heading: String,
    /// Sentences below it.
    pub(super) lead: Vec<String>,
    /// Names and values that one looks for first.
    pub(super) facts: Vec<(String, String)>,
    /// The sections, in the order of the page.
    pub(super) sections: Vec<Section>,
    /// Sentences at the end.
    pub(super) footer: Vec<String>,
}

/// A section with a place in the navigation.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    /// Unique on the page; given by [`Page::numbered`].
    pub(super) id: String,
    pub(super) title: String,
    pub(super) lead: Vec<String>,
    pub(super) blocks: Vec<Block>,
}

/// Something that is found, and what shows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) title: String,
    /// What the numbers say, in one sentence or two.
    pub(super) finding: String,
    pub(super) parts: Vec<Part>,
}

/// A piece of a block.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// A picture; a table of its figures follows.
    Picture(Box<Picture>),
    /// A table that is there when it is asked for.
    Folded(Table),
    /// A table that is there at once.
    Table(Table),
    /// Sentences.
    List(Vec<Item>),
    /// Something of which there are several alike.
    Cards(Vec<Card>),
    /// Text as it was written.
    Text(Verbatim),
    /// What is to be known when the block is read.
    Note(String),
}

/// A picture, with what it says in words.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Unique on the page; given by [`Page::numbered`].
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    /// Whether its title stands above it: a block has several.
    pub(super) is_titled: bool,
    /// How it is read.
    pub(super) caption: String,
    pub(super) form: Form,
    pub(super) drawing: Drawing,
}

/// How wide a picture may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As narrow as a telephone.
    Narrow,
    /// So wide that it is scrolled on a telephone.
    Wide,
}

impl Form {
    /// Gives its class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::Wide => "wide",
        }
    }
}

/// A table; the first cell of a row names it.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// The head of a column.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) text: String,
    pub(super) is_number: bool,
}

/// A cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Classes of the style sheet; none of text.
    pub(super) class: &'static str,
}

/// A sentence with a mark before it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// What a sentence means for whoever relies on the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Good,
    Bad,
    Neutral,
}

impl Mark {
    /// Gives its class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Neutral => "neutral",
        }
    }

    /// Gives the sign for those who see no colours.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "!",
            Self::Neutral => "·",
        }
    }
}

/// One of several things alike.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) title: String,
    pub(super) below: String,
    pub(super) lines: Vec<String>,
}

/// Text as it was written.
#[derive(Debug, Clone)]
pub(super) struct Verbatim {
    pub(super) title: String,
    pub(super) text: String,
}

impl Page {
    /// Gives sections and pictures their ids: by their place, so that no name of data is one.
    pub(super) fn numbered(mut self) -> Self {
        for (at, section) in self.sections.iter_mut().enumerate() {
            section.id = format!("s{}", at + 1);
            let mut number = 0;
            for block in &mut section.blocks {
                let is_picture = |part: &&Part| matches!(part, Part::Picture(_));
                let is_titled = block.parts.iter().filter(is_picture).count() > 1;
                for part in &mut block.parts {
                    if let Part::Picture(picture) = part {
                        number += 1;
                        picture.id = format!("s{}p{number}", at + 1);
                        picture.is_titled = is_titled;
                    }
                }
            }
        }
        self
    }
}

impl Section {
    /// Gives a section of what there is; none of nothing.
    pub(super) fn of(title: impl Into<String>, lead: Vec<String>, blocks: Vec<Block>) -> Option<Self> {
        let is_empty = blocks.is_empty();
        (!is_empty).then(|| Self { title: title.into(), lead, blocks, ..Self::default() })
    }
}

impl Block {
    /// Gives a block of these parts.
    pub(super) fn new(title: impl Into<String>, finding: impl Into<String>, parts: Vec<Part>) -> Self {
        Self { title: title.into(), finding: finding.into(), parts }
    }
}

impl Table {
    /// Gives an empty table; heads are ids of messages, and those of columns of numbers begin with `#`.
    pub(super) fn new(words: &Words, caption: impl Into<String>, heads: &[&str]) -> Self {
        let heads = heads.iter().map(|head| Head::of(words, head)).collect();
        Self { caption: caption.into(), heads, rows: Vec::new() }
    }
}

impl Head {
    /// Gives a head by the id of its message; that of a column of numbers begins with `#`.
    pub(super) fn of(words: &Words, id: &str) -> Self {
        Self { text: words.word(id.trim_start_matches('#')), is_number: id.starts_with('#') }
    }

    /// Gives the head of a column of numbers, as it is.
    pub(super) fn number(text: String) -> Self {
        Self { text, is_number: true }
    }
}

impl Cell {
    /// Gives a cell of text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "" }
    }

    /// Gives a cell of a number.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "n" }
    }

    /// Gives a number with a background.
    pub(super) fn shaded(text: impl Into<String>, class: &'static str) -> Self {
        Self { text: text.into(), class }
    }
}

impl Item {
    /// Gives a sentence that is neither good nor bad.
    pub(super) fn neutral(text: impl Into<String>) -> Self {
        Self { mark: Mark::Neutral, text: text.into() }
    }
}

/// Gives a picture and the table of its figures.
pub(super) fn figure(picture: Picture, table: Table) -> [Part; 2] {
    [Part::Picture(Box::new(picture)), Part::Folded(table)]
}

impl Picture {
    /// Gives a picture that has no id yet.
    pub(super) fn new(title: impl Into<String>, description: impl Into<String>, form: Form, drawing: Drawing) -> Self {
        let (id, caption, is_titled) = (String::new(), String::new(), false);
        Self { id, title: title.into(), description: description.into(), is_titled, caption, form, drawing }
    }

    /// Says how it is read.
    pub(super) fn read(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }
}
