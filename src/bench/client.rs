//! A lean HTTP/1.1 client over one kept connection. Client and server share the processor, so each cycle spent here is
//! missing over there: requests are ready bytes, replies are slices of one buffer.

use super::Failure;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, opened when first used and again after a fault.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
    body: Vec<u8>,
}

/// What came back. Borrowed from the connection.
pub struct Reply<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Reply<'_> {
    /// The text behind `"name":"` in a JSON body, up to the next quote. Enough for numbers and addresses of ours.
    pub fn word(&self, name: &str) -> Option<String> {
        let text = std::str::from_utf8(self.body).ok()?;
        let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
        rest.split('"').next().map(str::to_owned)
    }

    /// # Errors
    /// Unless the status is this one.
    pub fn expect(&self, status: u16) -> Result<(), Failure> {
        if self.status == status {
            return Ok(());
        }
        let body: String = String::from_utf8_lossy(self.body).chars().take(300).collect();
        Err(format!("HTTP {} instead of {status}: {body}", self.status).into())
    }
}

/// The bytes of a GET.
pub fn get(host: SocketAddr, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n").into_bytes()
}

/// The bytes of a POST.
pub fn post(host: SocketAddr, path: &str, content_type: &str, body: &str) -> Vec<u8> {
    post_with(host, path, &format!("content-type: {content_type}\r\n"), body)
}

/// The same with headers of one's own.
pub fn post_with(host: SocketAddr, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

impl Connection {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::with_capacity(16 * 1024), body: Vec::new() }
    }

    /// # Errors
    /// When the server does not answer in whole.
    pub async fn send(&mut self, request: &[u8]) -> Result<Reply<'_>, Failure> {
        let mut stream = self.open().await?; // put back only after a whole answer
        self.buffer.clear();
        self.body.clear();
        stream.write_all(request).await?;
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            more(&mut stream, &mut self.buffer).await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?;
        let status: u16 = head.get(9..12).ok_or("no status")?.parse()?;
        let head_length = head.len();
        if let Some(length) = header(head, "content-length") {
            let length: usize = length.parse()?;
            while self.buffer.len() < head_length + length {
                more(&mut stream, &mut self.buffer).await?;
            }
            self.body.extend_from_slice(&self.buffer[head_length..head_length + length]);
        } else if header(head, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
            let mut at = head_length;
            loop {
                let line = loop {
                    match find(&self.buffer[at..], b"\r\n") {
                        Some(end) => break at + end,
                        None => more(&mut stream, &mut self.buffer).await?,
                    }
                };
                let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[at..line])?, 16)?;
                let (from, to) = (line + 2, line + 2 + size);
                while self.buffer.len() < to + 2 {
                    more(&mut stream, &mut self.buffer).await?;
                }
                self.body.extend_from_slice(&self.buffer[from..to]);
                at = to + 2;
                if size == 0 {
                    break;
                }
            }
        }
        self.stream = Some(stream);
        let head = std::str::from_utf8(&self.buffer[..head_length])?;
        Ok(Reply { status, head, body: &self.body })
    }

    /// Sends a request whose answer does not end, and reads until it holds this text.
    ///
    /// # Errors
    /// When the answer ends before.
    pub async fn send_until(&mut self, request: &[u8], text: &str) -> Result<(), Failure> {
        let mut stream = self.open().await?;
        self.buffer.clear();
        stream.write_all(request).await?;
        self.stream = Some(stream);
        self.read_until(text).await
    }

    /// Reads on until the answer holds this text.
    ///
    /// # Errors
    /// When the answer ends before.
    pub async fn read_until(&mut self, text: &str) -> Result<(), Failure> {
        let mut stream = self.stream.take().ok_or("no open answer")?;
        while find(&self.buffer, text.as_bytes()).is_none() {
            more(&mut stream, &mut self.buffer).await?;
        }
        self.stream = Some(stream);
        Ok(())
    }

    async fn open(&mut self) -> Result<TcpStream, Failure> {
        if let Some(stream) = self.stream.take() {
            return Ok(stream);
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    if stream.read_buf(buffer).await? == 0 { Err("the server hung up".into()) } else { Ok(()) }
}

pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w == needle)
}

/// A header's value; the server writes names in lower case.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let line = head
        .split("\r\n")
        .find(|l| l.len() > name.len() && l.as_bytes()[name.len()] == b':' && l[..name.len()].eq_ignore_ascii_case(name))?;
    Some(line[name.len() + 1..].trim())
}
