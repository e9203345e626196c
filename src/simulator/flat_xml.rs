//! The XML of WeChat Pay v2 and QQ Wallet: one root, flat children, text and CDATA in any mixture. Reads with suspicion, as they
//! do since the entity attack of 2018: no DOCTYPE, no entities but the five, no nesting, no name twice.

use std::collections::BTreeMap;

/// Name → text of a flat message.
pub type Fields = BTreeMap<String, String>;

/// Why a text is not such a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Empty,
    NotUtf8,
    Format,
}

/// No message has more elements.
const MAX_ELEMENTS: usize = 200;

/// Reads a message whose root element is `root`.
///
/// # Errors
/// [`Fault`] for anything but flat, well-formed XML.
pub fn read(body: &[u8], root: &str) -> Result<Fields, Fault> {
    if body.is_empty() {
        return Err(Fault::Empty);
    }
    let text = std::str::from_utf8(body).map_err(|_| Fault::NotUtf8)?;
    let mut rest = Cursor { rest: text.strip_prefix('\u{feff}').unwrap_or(text).trim() };
    if rest.rest.starts_with("<?xml") {
        let (_, after) = rest.rest.split_once("?>").ok_or(Fault::Format)?;
        rest.rest = after.trim_start();
    }
    rest.expect(&format!("<{root}>"))?;
    let mut fields = Fields::new();
    loop {
        rest.rest = rest.rest.trim_start();
        if rest.take(&format!("</{root}>")) {
            return if rest.rest.is_empty() { Ok(fields) } else { Err(Fault::Format) };
        }
        let (name, value) = rest.element()?;
        if fields.len() == MAX_ELEMENTS || fields.insert(name, value).is_some() {
            return Err(Fault::Format);
        }
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), Fault> {
        if self.take(token) { Ok(()) } else { Err(Fault::Format) }
    }

    fn element(&mut self) -> Result<(String, String), Fault> {
        self.expect("<")?;
        let (name, rest) = self.rest.split_once('>').ok_or(Fault::Format)?;
        self.rest = rest;
        if let Some(name) = name.strip_suffix('/') {
            return named(name.trim_end()).map(|name| (name, String::new()));
        }
        let name = named(name)?;
        let mut value = String::new();
        loop {
            if self.take("<![CDATA[") {
                let (data, rest) = self.rest.split_once("]]>").ok_or(Fault::Format)?;
                value.push_str(data);
                self.rest = rest;
            } else if self.take(&format!("</{name}>")) {
                return Ok((name, value));
            } else {
                let end = self.rest.find('<').ok_or(Fault::Format)?;
                if end == 0 {
                    return Err(Fault::Format); // a child of a child, a comment, a processing instruction
                }
                unescape(&self.rest[..end], &mut value)?;
                self.rest = &self.rest[end..];
            }
        }
    }
}

fn named(name: &str) -> Result<String, Fault> {
    let valid = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if valid { Ok(name.to_owned()) } else { Err(Fault::Format) }
}

fn unescape(text: &str, out: &mut String) -> Result<(), Fault> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (entity, tail) = after.split_once(';').ok_or(Fault::Format)?;
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => numeric(entity).ok_or(Fault::Format)?,
        });
        rest = tail;
    }
    out.push_str(rest);
    Ok(())
}

fn numeric(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

/// Writes fields in the given order. Plain numbers go bare, everything else as CDATA: the provider mixes both.
pub fn write(root: &str, fields: &[(String, String)], line_ends: bool) -> String {
    let mut out = format!("<{root}>");
    for (n, (name, value)) in fields.iter().enumerate() {
        if n > 0 && line_ends {
            out.push('\n');
        }
        let bare = !value.is_empty() && value.len() < 10 && value.bytes().all(|b| b.is_ascii_digit());
        let value = if bare { value.clone() } else { format!("<![CDATA[{}]]>", value.replace("]]>", "]]]]><![CDATA[>")) };
        out.push_str(&format!("<{name}>{value}</{name}>"));
    }
    if line_ends {
        out.push('\n');
    }
    out.push_str(&format!("</{root}>"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_cdata_mix() {
        let fields = read(
            "<?xml version=\"1.0\"?>\n<xml>\n<a>1<![CDATA[<2>]]>&lt;3&#52;&#x35;</a><b/><c> x </c></xml>\n".as_bytes(),
            "xml",
        );
        let fields = fields.expect("reads");
        assert_eq!((&*fields["a"], &*fields["b"], &*fields["c"]), ("1<2><345", "", " x "));
    }

    #[test]
    fn dangerous_or_odd_documents_are_refused() {
        for bad in [
            "<xml><a>1</a>",
            "<xml><a>1</b></xml>",
            "<xml><a>1</a><a>1</a></xml>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a>&x;</a></xml>",
            "<!DOCTYPE xml [<!ENTITY x \"1\">]><xml><a>&x;</a></xml>",
            "<xml><!-- c --><a>1</a></xml>",
            "<xml><a k=\"v\">1</a></xml>",
            "<xml>text</xml>",
            "<root></root>",
            "{}",
            "<xml></xml><xml></xml>",
        ] {
            assert_eq!(read(bad.as_bytes(), "xml"), Err(Fault::Format), "{bad}");
        }
        assert_eq!(read(b"", "xml"), Err(Fault::Empty));
        assert_eq!(read(b"<xml><a>\xff</a></xml>", "xml"), Err(Fault::NotUtf8));
    }

    #[test]
    fn what_is_written_reads_back() {
        let fields =
            vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "x]]>&<y".to_owned()), ("c".to_owned(), String::new())];
        let text = write("xml", &fields, true);
        assert_eq!(read(text.as_bytes(), "xml"), Ok(fields.into_iter().collect()));
    }
}
