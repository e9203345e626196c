//! JD's XML, written by hand and read with care: elements with text or with elements, nothing else.

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }
}

/// The root element of a document; `None` for anything that is not plain XML.
pub fn read(text: &str) -> Option<Node> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Decl(_) => {}
            Event::Start(tag) if root.is_none() => {
                open.push(Node { name: tag.name().into_inner().to_owned(), ..Node::default() });
            }
            Event::Empty(tag) if !open.is_empty() => {
                let name = tag.name().into_inner().to_owned();
                open.last_mut()?.children.push(Node { name, ..Node::default() });
            }
            Event::End(_) => {
                let node = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => root = Some(node),
                }
            }
            Event::Text(part) => match open.last_mut() {
                Some(node) => node.text.push_str(&part),
                None if part.trim().is_empty() => {}
                None => return None,
            },
            Event::GeneralRef(reference) => {
                let c = match &*reference {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => reference.resolve_char_ref().ok()??,
                };
                open.last_mut()?.text.push(c);
            }
            Event::Eof => break,
            _ => return None,
        }
    }
    if open.is_empty() { root } else { None }
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One element with text.
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}
