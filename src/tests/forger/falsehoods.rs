//! What is done to a true notice to make it false, a kind of falsehood each.

use super::*;

impl Forger {
    /// About `many` forgeries of every kind, from one true notice that nobody has sent yet.
    pub fn forgeries(&self, truth: &Fields, many: usize, chance: &mut StdRng) -> Vec<Forgery> {
        let mut all = Vec::new();
        for _ in 0..many {
            all.extend(self.changed_byte(truth, chance));
            all.push(self.cut(truth, chance));
            all.extend(self.changed_value(truth, chance));
            all.push(self.other_fields(truth, chance));
            all.push(self.doubled(truth, chance));
            all.push(self.other_key(truth, chance));
            all.push(self.wrong_encoding(truth, chance));
            all.push(self.wrong_account(truth, chance));
            if matches!(self, Self::WeChat { .. }) {
                all.push(self.dangerous_xml(truth, chance));
            }
        }
        all.extend(self.fixed(truth));
        all
    }

    fn changed_byte(&self, truth: &Fields, chance: &mut StdRng) -> Option<Forgery> {
        let body = self.signed(truth);
        let mut other = body.clone();
        let at = chance.gen_range(0..body.len());
        other[at] = chance.gen_range(0x20..0x7f);
        // The same message in another spelling is no forgery: hex and escapes in lower case, a blank for a plus, or a
        // field that the signature does not cover, such as an empty one.
        let is_same = body.eq_ignore_ascii_case(&other)
            || (matches!(self, Self::Alipay { .. }) && self.signed_pairs(&body) == self.signed_pairs(&other));
        (!is_same).then_some(Forgery { kind: "a changed byte", body: other })
    }

    fn signed_pairs(&self, body: &[u8]) -> Vec<(String, String)> {
        let mut pairs: Vec<_> =
            form_urlencoded::parse(body).into_owned().filter(|(n, v)| !self.is_unsigned(n) && !v.is_empty()).collect();
        pairs.sort();
        pairs
    }

    fn cut(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        // The signature goes last, so that a cut always takes some of it.
        let mut pairs: Vec<(&str, &str)> = truth.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let sign = self.sign(truth);
        pairs.push(("sign", &sign));
        let mut body = self.write(pairs.into_iter());
        body.truncate(chance.gen_range(0..body.len()));
        Forgery { kind: "a cut", body }
    }

    fn changed_value(&self, truth: &Fields, chance: &mut StdRng) -> Option<Forgery> {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        let names: Vec<String> = truth.keys().filter(|n| !self.is_unsigned(n)).cloned().collect();
        let value = fields.get_mut(names.choose(chance)?)?;
        let old = value.clone();
        match chance.gen_range(0..5) {
            0 => value.push(char::from(chance.gen_range(b'0'..=b'9'))),
            1 => value.insert(0, char::from(chance.gen_range(b'0'..=b'9'))),
            2 => *value = value.chars().rev().collect(),
            3 => value.push(' '),
            _ => *value = String::new(),
        }
        let changed = *value != old;
        let body = self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        changed.then_some(Forgery { kind: "a changed value under the old signature", body })
    }

    fn other_fields(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        if chance.gen_bool(0.5) {
            let names: Vec<String> = fields.keys().filter(|n| !self.is_unsigned(n)).cloned().collect();
            fields.remove(&names[chance.gen_range(0..names.len())]);
        } else {
            fields.insert(format!("x_{}", chance.next_u32()), chance.next_u32().to_string());
        }
        let body = self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Forgery { kind: "a field more or less under the old signature", body }
    }

    fn doubled(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        fields.insert("sign".to_owned(), self.sign(truth));
        let mut pairs: Vec<(String, String)> = fields.into_iter().collect();
        let (name, value) = pairs[chance.gen_range(0..pairs.len())].clone();
        let value = if chance.gen_bool(0.5) { value } else { chance.next_u32().to_string() };
        pairs.insert(chance.gen_range(0..=pairs.len()), (name, value));
        let body = self.write(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        Forgery { kind: "a doubled field", body }
    }

    /// Everything right but the key.
    fn other_key(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let mut fields = truth.clone();
        let sign = match self {
            Self::WeChat { key, .. } => {
                let mut bytes: Vec<u8> = key.bytes().collect();
                let at = chance.gen_range(0..bytes.len());
                bytes[at] = if bytes[at] == b'z' { b'y' } else { b'z' };
                let other = String::from_utf8(bytes).expect("ASCII");
                hmac_hex(&format!("{}&key={other}", joined(truth, &["sign"])), &other)
            }
            Self::Alipay { .. } => {
                let mut noise = vec![0u8; 256];
                chance.fill_bytes(&mut noise);
                STANDARD.encode(noise)
            }
        };
        fields.insert("sign".to_owned(), sign);
        Forgery { kind: "another key", body: self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))) }
    }

    fn wrong_encoding(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let body = self.signed(truth);
        let at = chance.gen_range(0..body.len());
        let (head, tail) = body.split_at(at);
        let body = match self {
            Self::WeChat { .. } => {
                let text = String::from_utf8(body.clone()).expect("UTF-8");
                match chance.gen_range(0..4) {
                    0 => [head, &[0xff], tail].concat(),
                    1 => [head, &[0xc0, 0xaf], tail].concat(),
                    2 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                    _ => {
                        format!("<?xml version=\"1.0\" encoding=\"{}\"?>{text}", ["GBK", "UTF-16", "latin1"][at % 3]).into_bytes()
                    }
                }
            }
            Self::Alipay { .. } => match chance.gen_range(0..4) {
                0 => [head, b"%", tail.get(2..).unwrap_or_default(), b"%"].concat(),
                1 => [head, b"%zz", tail].concat(),
                // Rightly signed, in a charset that the provider does not have.
                2 => {
                    let mut fields = truth.clone();
                    fields.insert("charset".to_owned(), ["utf-16", "big5", "x", "utf-7"][at % 4].to_owned());
                    self.signed(&fields)
                }
                // Rightly signed over bytes that are no UTF-8, which it claims to be.
                _ => self.signed_bytes(truth, chance),
            },
        };
        Forgery { kind: "a wrong encoding", body }
    }

    fn signed_bytes(&self, truth: &Fields, chance: &mut StdRng) -> Vec<u8> {
        let (mut text, mut form) = (Vec::new(), Vec::new());
        let noise = chance.gen_range(0x80..=0xffu8);
        for (name, value) in truth {
            let mut value = value.clone().into_bytes();
            if name == "subject" {
                value = vec![b'a', noise, b'b'];
            }
            if name != "sign_type" {
                text.extend_from_slice(&[name.as_bytes(), b"=", &value, b"&"].concat());
            }
            let escaped: String = form_urlencoded::byte_serialize(&value).collect();
            form.extend_from_slice(format!("{name}={escaped}&").as_bytes());
        }
        text.pop();
        let sign = rsa_sign(SHA256, &Sha256::digest(&text));
        let sign: String = form_urlencoded::byte_serialize(sign.as_bytes()).collect();
        [form, format!("sign={sign}").into_bytes()].concat()
    }

    /// Rightly signed, but about somebody else's account.
    fn wrong_account(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let names: &[&str] = match self {
            Self::WeChat { .. } => &["appid", "mch_id"],
            Self::Alipay { .. } => &["app_id", "auth_app_id", "seller_id"],
        };
        let mut fields = truth.clone();
        fields.insert((*names.choose(chance).expect("some")).to_owned(), format!("20{}", chance.next_u64()));
        Forgery { kind: "another account", body: self.signed(&fields) }
    }

    /// Document types, entities, instructions, attributes, depth: around a message that is otherwise right.
    fn dangerous_xml(&self, truth: &Fields, chance: &mut StdRng) -> Forgery {
        let text = String::from_utf8(self.signed(truth)).expect("UTF-8");
        let n = chance.next_u32();
        let inside = |element: String| text.replacen("</xml>", &format!("{element}</xml>"), 1);
        let fee = |with: &str| {
            let at = text.find("<total_fee>").expect("there") + "<total_fee>".len();
            format!("{}{with}{}", &text[..at], &text[at..])
        };
        let body = match chance.gen_range(0..14) {
            0 => format!("<!DOCTYPE xml [<!ENTITY a{n} \"1\">]>{text}"),
            1 => format!("<!DOCTYPE xml SYSTEM \"http://127.0.0.1:9/{n}.dtd\">{text}"),
            2 => format!("<!DOCTYPE xml PUBLIC \"-//{n}//EN\" \"http://127.0.0.1:9/x\">{text}"),
            3 => format!("<!DOCTYPE xml [<!ENTITY % p{n} SYSTEM \"file:///etc/passwd\"> %p{n};]>{text}"),
            4 => format!("<!DOCTYPE l [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\"><!ENTITY c{n} \"&b;&b;\">]>{}", fee("&c;")),
            5 => fee(&format!("&e{n};")),
            6 => inside(format!("<x{n}><y>1</y></x{n}>")),
            7 => format!("<?php echo {n}; ?>{text}"),
            8 => fee(&format!("<!-- {n} -->")),
            9 => text.replacen("<total_fee>", &format!("<total_fee id=\"{n}\">"), 1),
            10 => format!("{text}<xml>{n}</xml>"),
            11 => format!("{n}{text}"),
            12 => inside((0..120).map(|i| format!("<f{i}>{n}</f{i}>")).collect()),
            _ => text.replacen("<xml>", &format!("<xml xmlns:a=\"urn:{n}\">"), 1),
        };
        Forgery { kind: "dangerous XML", body: body.into_bytes() }
    }

    /// The classics, one each.
    fn fixed(&self, truth: &Fields) -> Vec<Forgery> {
        let with = |kind, name: &str, value: String| {
            let mut fields = truth.clone();
            fields.insert(name.to_owned(), value);
            Forgery { kind, body: self.write(fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))) }
        };
        let mut all = vec![
            Forgery { kind: "nothing", body: Vec::new() },
            Forgery { kind: "JSON", body: serde_json::to_vec(truth).expect("JSON") },
            Forgery { kind: "no signature", body: self.write(truth.iter().map(|(n, v)| (n.as_str(), v.as_str()))) },
            with("an empty signature", "sign", String::new()),
            with("a constant for a signature", "sign", "true".to_owned()),
            with("the text for a signature", "sign", joined(truth, &["sign"])),
        ];
        match self {
            Self::WeChat { key, .. } => {
                let md5 = |fields: &Fields, key: &str| {
                    hex::encode_upper(Md5::digest(format!("{}&key={key}", joined(fields, &["sign"]))))
                };
                let mut weaker = truth.clone();
                weaker.insert("sign_type".to_owned(), "MD5".to_owned());
                let sign = md5(&weaker, key);
                weaker.insert("sign".to_owned(), sign);
                let body = self.write(weaker.iter().map(|(n, v)| (n.as_str(), v.as_str())));
                all.push(Forgery { kind: "the right key with an algorithm that the channel does not allow", body });
                all.push(with("the right key with another algorithm, unsaid", "sign", md5(truth, key)));
                all.push(with("an empty key", "sign", hmac_hex(&format!("{}&key=", joined(truth, &["sign"])), "")));
            }
            Self::Alipay { .. } => {
                let text = joined(truth, &["sign", "sign_type"]);
                let mut weaker = truth.clone();
                weaker.insert("sign_type".to_owned(), "RSA".to_owned());
                weaker.insert("sign".to_owned(), rsa_sign(SHA1, &Sha1::digest(&text)));
                let body = self.write(weaker.iter().map(|(n, v)| (n.as_str(), v.as_str())));
                all.push(Forgery { kind: "the right key with an algorithm that the channel does not allow", body });
                let request_text = joined(truth, &["sign"]);
                let sign = rsa_sign(SHA256, &Sha256::digest(request_text));
                all.push(with("a request's text in place of a notice's", "sign", sign));
                all.push(with("a digest as signature", "sign", STANDARD.encode(Sha256::digest(text))));
            }
        }
        all
    }
}
