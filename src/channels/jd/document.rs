//! JD's XML: one root, values below it, and the lists of payments inside. Strict, because it is signed and decides about
//! money: what two readers could understand differently is an error.

use super::sign::Fields;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

const ROOT: &str = "jdpay";
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
/// `jdpay/payList/pay/detail/cardNo`.
const DEEPEST: usize = 5;
const MAX_ELEMENTS: usize = 400;

/// A document taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Values right below the root, and `result/code`, `result/desc`.
    pub fields: Fields,
    /// The payments of `payList`, without their details.
    pub payments: Vec<Fields>,
}

impl Document {
    /// A value that is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

struct Element {
    name: String,
    text: String,
    has_children: bool,
}

struct Builder {
    document: Document,
    path: Vec<Element>,
    elements: usize,
    is_first: bool,
    is_over: bool,
}

/// Reads a document.
///
/// # Errors
/// The problem, in words that hold nothing of the document.
pub fn read(text: &str) -> Result<Document, &'static str> {
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut builder = Builder { document: Document::default(), path: Vec::new(), elements: 0, is_first: true, is_over: false };
    loop {
        match reader.read_event().map_err(|_| "not well-formed XML")? {
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().map_err(|_| "not well-formed XML")?;
                if !builder.is_first || encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                    return Err("an XML declaration that is not UTF-8, or not in front");
                }
            }
            Event::Start(tag) => builder.open(&tag)?,
            Event::Empty(tag) => {
                builder.open(&tag)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(part) => builder.text(&part)?,
            Event::CData(part) => builder.text(&part)?,
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                builder.text(character(&reference)?.encode_utf8(&mut buffer))?;
            }
            Event::DocType(_) | Event::PI(_) | Event::Comment(_) => return Err("a document type, instruction or comment"),
            Event::Eof => break,
        }
        builder.is_first = false;
    }
    if builder.is_over && builder.path.is_empty() { Ok(builder.document) } else { Err("not well-formed XML") }
}

impl Builder {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), &'static str> {
        self.elements += 1;
        if self.is_over || self.elements > MAX_ELEMENTS || self.path.len() >= DEEPEST || !tag.attributes_raw().trim().is_empty() {
            return Err("too many elements, too deep, or with attributes");
        }
        let name = tag.name().into_inner();
        match self.path.last_mut() {
            None if name != ROOT => return Err("another root element"),
            None => {}
            Some(parent) if !parent.text.trim().is_empty() => return Err("text between elements"),
            Some(parent) => parent.has_children = true,
        }
        if self.is_payment(name) {
            self.document.payments.push(Fields::new());
        }
        self.path.push(Element { name: name.to_owned(), text: String::new(), has_children: false });
        Ok(())
    }

    fn is_payment(&self, name: &str) -> bool {
        self.path.len() == 2 && self.path[1].name == "payList" && name == "pay"
    }

    fn text(&mut self, part: &str) -> Result<(), &'static str> {
        match self.path.last_mut() {
            None if part.trim().is_empty() => Ok(()),
            Some(element) if element.has_children => {
                if part.trim().is_empty() {
                    Ok(())
                } else {
                    Err("text between elements")
                }
            }
            Some(element) => {
                element.text.push_str(part);
                Ok(())
            }
            None => Err("text outside of the root element"),
        }
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let element = self.path.pop().ok_or("not well-formed XML")?;
        let parents: Vec<&str> = self.path.iter().map(|parent| parent.name.as_str()).collect();
        let doubled = match (parents.as_slice(), element.has_children) {
            ([], _) => {
                self.is_over = true;
                None
            }
            ([_], false) => self.document.fields.insert(element.name, element.text),
            ([_], true) => self.document.fields.insert(element.name, String::new()),
            ([_, "result"], false) => self.document.fields.insert(format!("result/{}", element.name), element.text),
            ([_, "payList", "pay"], false) => {
                self.document.payments.last_mut().and_then(|payment| payment.insert(element.name, element.text))
            }
            // Details of cards and people, lists that nobody here asks for.
            _ => None,
        };
        if doubled.is_some() { Err("an element appears twice") } else { Ok(()) }
    }
}

fn character(reference: &BytesRef<'_>) -> Result<char, &'static str> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| "an unknown entity")? {
        return Ok(c);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err("an unknown entity"),
    }
}

fn escape(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn elements(fields: &Fields) -> String {
    fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect()
}

/// Writes an inner document, unsigned. Empty values stay in as empty elements; they are signed too.
#[must_use]
pub fn write(fields: &Fields) -> String {
    format!("{DECLARATION}<{ROOT}>{}</{ROOT}>", elements(fields))
}

/// Puts the signature into the very text that was signed.
#[must_use]
pub fn insert_sign(document: &str, sign: &str) -> String {
    let end = format!("</{ROOT}>");
    let body = document.strip_suffix(&end).unwrap_or(document);
    format!("{body}<sign>{sign}</sign>{end}")
}

/// The envelope around an encrypted document.
#[must_use]
pub fn envelope(version: &str, merchant: &str, encrypt: &str) -> String {
    let (version, merchant) = (escape(version), escape(merchant));
    format!(
        "{DECLARATION}<{ROOT}><version>{version}</version><merchant>{merchant}</merchant><encrypt>{encrypt}</encrypt></{ROOT}>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_results_and_payments_are_found() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<jdpay>\n <result><code>000000</code><desc>a&amp;b</desc></result>\n\
                    <note></note><empty/><payList><pay><amount>1</amount><detail><cardNo>6</cardNo></detail></pay>\
                    <pay><amount>2</amount></pay></payList></jdpay>\n";
        let document = read(text).unwrap();
        assert_eq!((document.get("result/code"), document.get("result/desc")), (Some("000000"), Some("a&b")));
        assert_eq!((document.get("note"), document.fields.get("empty").map(String::as_str)), (None, Some("")));
        let amounts: Vec<&str> = document.payments.iter().map(|payment| payment["amount"].as_str()).collect();
        assert_eq!(amounts, ["1", "2"]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let fields: Fields =
            [("a", "1 < 2 & 3 > 2"), ("note", ""), ("z", "中\"'")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        let text = insert_sign(&write(&fields), "S");
        assert!(text.contains("<a>1 &lt; 2 &amp; 3 &gt; 2</a><note></note>") && text.ends_with("<sign>S</sign></jdpay>"));
        let read_back = read(&text).unwrap().fields;
        assert_eq!(fields.iter().filter(|(n, v)| read_back.get(*n) != Some(v)).count(), 0);
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "x",
            "<xml/>",
            "<jdpay>",
            "<jdpay></jdpay><jdpay/>",
            "<jdpay/>x",
            "<jdpay>x<a>1</a></jdpay>",
            "<jdpay><a>1</a>x</jdpay>",
            "<jdpay><a>1</a><a>2</a></jdpay>",
            "<jdpay><result><code>1</code><code>2</code></result></jdpay>",
            "<jdpay><result/><result/></jdpay>",
            "<jdpay><payList><pay><amount>1</amount><amount>2</amount></pay></payList></jdpay>",
            "<jdpay><a x=\"1\">1</a></jdpay>",
            "<jdpay><a>&e;</a></jdpay>",
            "<!DOCTYPE jdpay><jdpay/>",
            "<jdpay><!-- --></jdpay>",
            "<jdpay><?php ?></jdpay>",
            "<jdpay><a><b><c><d><e>1</e></d></c></b></a></jdpay>",
            "<?xml version=\"1.0\" encoding=\"GBK\"?><jdpay/>",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let many = format!("<jdpay>{}</jdpay>", (0..MAX_ELEMENTS).map(|n| format!("<a{n}/>")).collect::<String>());
        assert!(read(&many).is_err());
    }
}
