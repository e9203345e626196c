//! The flat XML of WeChat-like providers: one root, one level of elements, text only. Strict, because what is read here
//! is signed and decides about money: a message that two readers could understand differently is an error.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::BTreeMap;

/// Element name to its text, exactly as it was sent.
pub type Map = BTreeMap<String, String>;

/// Largest message in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most elements below the root.
pub const MAX_ELEMENTS: usize = 100;

/// Why a text is no message. The text itself never appears in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("larger than 64 KiB")]
    TooLarge,
    #[error("more than 100 elements")]
    TooMany,
    #[error("not UTF-8")]
    Encoding,
    #[error("contains a document type")]
    DocumentType,
    #[error("contains an unknown entity")]
    Entity,
    #[error("contains a processing instruction or comment")]
    Instruction,
    #[error("an element appears twice")]
    Doubled,
    #[error("nested too deep")]
    Depth,
    #[error("the root element has another name")]
    Root,
    #[error("not well-formed XML")]
    Malformed,
}

/// Reads a message whose root element has the given name.
///
/// CDATA and text may alternate within an element; white space is kept inside values and ignored between elements.
///
/// # Errors
/// Everything that is not a flat message of text; see [`XmlError`].
pub fn read(bytes: &[u8], root: &str) -> Result<Map, XmlError> {
    if bytes.len() > MAX_BYTES {
        return Err(XmlError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut message = Message { root, map: Map::new(), place: Place::Before, first: true };
    loop {
        match reader.read_event().map_err(|_| XmlError::Malformed)? {
            Event::Decl(decl) => message.declaration(decl.encoding().transpose().map_err(|_| XmlError::Malformed)?.as_deref())?,
            Event::Start(tag) => message.open(&tag)?,
            Event::Empty(tag) => {
                message.open(&tag)?;
                message.close()?;
            }
            Event::End(_) => message.close()?,
            Event::Text(part) => message.text(&part)?,
            Event::CData(part) => message.value()?.push_str(&part),
            Event::GeneralRef(reference) => {
                let c = character(&reference)?;
                message.value()?.push(c);
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::PI(_) | Event::Comment(_) => return Err(XmlError::Instruction),
            Event::Eof => break,
        }
        message.first = false;
    }
    if matches!(message.place, Place::After) { Ok(message.map) } else { Err(XmlError::Malformed) }
}

enum Place {
    Before,
    Root,
    Element { name: String, value: String },
    After,
}

struct Message<'a> {
    root: &'a str,
    map: Map,
    place: Place,
    first: bool,
}

impl Message<'_> {
    fn declaration(&self, encoding: Option<&str>) -> Result<(), XmlError> {
        if !self.first {
            return Err(XmlError::Instruction);
        }
        match encoding {
            Some(other) if !other.eq_ignore_ascii_case("utf-8") && !other.eq_ignore_ascii_case("utf8") => Err(XmlError::Encoding),
            _ => Ok(()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        if tag.attributes_raw().trim() != "" {
            return Err(XmlError::Malformed);
        }
        let name = tag.name().into_inner();
        match self.place {
            Place::Before if name == self.root => self.place = Place::Root,
            Place::Before => return Err(XmlError::Root),
            Place::Root if self.map.contains_key(name) => return Err(XmlError::Doubled),
            Place::Root if self.map.len() >= MAX_ELEMENTS => return Err(XmlError::TooMany),
            Place::Root => self.place = Place::Element { name: name.to_owned(), value: String::new() },
            Place::Element { .. } => return Err(XmlError::Depth),
            Place::After => return Err(XmlError::Malformed),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), XmlError> {
        self.place = match std::mem::replace(&mut self.place, Place::After) {
            Place::Element { name, value } => {
                self.map.insert(name, value);
                Place::Root
            }
            Place::Root => Place::After,
            Place::Before | Place::After => return Err(XmlError::Malformed),
        };
        Ok(())
    }

    /// The value that is being read.
    fn value(&mut self) -> Result<&mut String, XmlError> {
        match &mut self.place {
            Place::Element { value, .. } => Ok(value),
            _ => Err(XmlError::Malformed),
        }
    }

    fn text(&mut self, part: &str) -> Result<(), XmlError> {
        match &mut self.place {
            Place::Element { value, .. } => value.push_str(part),
            _ if part.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            _ => return Err(XmlError::Malformed),
        }
        Ok(())
    }
}

fn character(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| XmlError::Entity)? {
        return Ok(c);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(XmlError::Entity),
    }
}

/// Writes a message. Plain values stand bare; everything else is CDATA, with `]]>` split over two sections.
#[must_use]
pub fn write<'a>(root: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = format!("<{root}>");
    for (name, value) in fields {
        let bare = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/*".contains(&b));
        let value = if bare { value.to_owned() } else { format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>")) };
        out.push_str(&format!("<{name}>{value}</{name}>"));
    }
    out.push_str(&format!("</{root}>"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<String, XmlError> {
        read(text.as_bytes(), "xml").map(|m| m.get("a").cloned().unwrap_or_default())
    }

    #[test]
    fn text_cdata_and_references_mix() {
        for (text, value) in [
            ("<xml><a>1</a></xml>", "1"),
            ("<xml><a><![CDATA[1]]></a></xml>", "1"),
            ("<xml><a>x<![CDATA[<&>]]>y</a></xml>", "x<&>y"),
            ("<xml><a>&lt;&gt;&amp;&apos;&quot;&#65;&#x4e2d;</a></xml>", "<>&'\"A中"),
            ("<xml>\n <a> 1 \r\n2 </a>\n</xml>\n", " 1 \r\n2 "),
            ("<xml><a/></xml>", ""),
            ("<xml><a></a></xml>", ""),
            ("<xml/>", ""),
            ("<xml><a>收银台</a></xml>", "收银台"),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml><a>1</a></xml>", "1"),
            ("\u{feff}<xml><a>1</a></xml>", "1"),
            ("<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>", "]]>"),
        ] {
            assert_eq!(one(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (text, error) in [
            ("<!DOCTYPE xml [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><a>&e;</a></xml>", XmlError::DocumentType),
            ("<!DOCTYPE xml><xml><a>1</a></xml>", XmlError::DocumentType),
            ("<xml><a>&e;</a></xml>", XmlError::Entity),
            ("<xml><a>&nbsp;</a></xml>", XmlError::Entity),
            ("<xml><a>&#0;</a></xml>", XmlError::Entity),
            ("<xml><a>&#xd800;</a></xml>", XmlError::Entity),
            ("<xml><a>1</a><a>2</a></xml>", XmlError::Doubled),
            ("<xml><a></a><a>2</a></xml>", XmlError::Doubled),
            ("<xml><a><b>1</b></a></xml>", XmlError::Depth),
            ("<xml><a><b/></a></xml>", XmlError::Depth),
            ("<xml><?php echo 1 ?><a>1</a></xml>", XmlError::Instruction),
            ("<xml><a>1<!-- x -->0</a></xml>", XmlError::Instruction),
            (" <?xml version=\"1.0\"?><xml><a>1</a></xml>", XmlError::Instruction),
            ("<?xml version=\"1.0\" encoding=\"GBK\"?><xml><a>1</a></xml>", XmlError::Encoding),
            ("<root><a>1</a></root>", XmlError::Root),
            ("<html><body>400</body></html>", XmlError::Root),
            ("<xml><a>1</a></xml><xml/>", XmlError::Malformed),
            ("<xml><a>1</a></xml>x", XmlError::Malformed),
            ("x<xml><a>1</a></xml>", XmlError::Malformed),
            ("<xml>x<a>1</a></xml>", XmlError::Malformed),
            ("<xml><![CDATA[x]]><a>1</a></xml>", XmlError::Malformed),
            ("<xml>&lt;<a>1</a></xml>", XmlError::Malformed),
            ("<xml><a>1</a>", XmlError::Malformed),
            ("<xml><a>1</b></xml>", XmlError::Malformed),
            ("<xml><a>1</xml>", XmlError::Malformed),
            ("<xml><a x=\"1\">1</a></xml>", XmlError::Malformed),
            ("<xml><a>1 & 2</a></xml>", XmlError::Malformed),
            ("", XmlError::Malformed),
            ("{\"a\":1}", XmlError::Malformed),
        ] {
            assert_eq!(one(text), Err(error), "{text}");
        }
        assert_eq!(read(b"<xml><a>\xff</a></xml>", "xml"), Err(XmlError::Encoding));
    }

    #[test]
    fn size_and_number_are_capped() {
        let many = |n: usize| format!("<xml>{}</xml>", (0..n).map(|i| format!("<a{i}>1</a{i}>")).collect::<String>());
        assert_eq!(read(many(MAX_ELEMENTS).as_bytes(), "xml").map(|m| m.len()), Ok(MAX_ELEMENTS));
        assert_eq!(read(many(MAX_ELEMENTS + 1).as_bytes(), "xml"), Err(XmlError::TooMany));
        let long = format!("<xml><a>{}</a></xml>", "x".repeat(MAX_BYTES));
        assert_eq!(read(long.as_bytes(), "xml"), Err(XmlError::TooLarge));
    }

    #[test]
    fn written_values_read_back() {
        for value in ["1", "", "收银台-测试商品", "]]>", "]]]>]]>", "<a>&amp;</a>", " x ", "{\"a\":\"b\"}", "https://x/y?z=1&w"]
        {
            let text = write("xml", [("a", value)]);
            assert_eq!(one(&text).as_deref(), Ok(value), "{text}");
        }
        assert_eq!(write("xml", [("a", "1"), ("b", "x y")]), "<xml><a>1</a><b><![CDATA[x y]]></b></xml>");
    }
}
