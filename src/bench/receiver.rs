//! The merchant's receiver of webhooks: takes everything, answers 200, counts.

use super::Failure;
use super::client::{find, header};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Receiver {
    pub address: SocketAddr,
    taken: Arc<AtomicUsize>,
}

impl Receiver {
    /// # Errors
    /// When there is no port.
    pub async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = counter.clone();
                tokio::spawn(async move {
                    let _ = converse(stream, &counter).await; // ends when the other side hangs up
                });
            }
        });
        Ok(Self { address, taken })
    }

    /// Requests answered so far.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }
}

async fn converse(mut stream: TcpStream, taken: &AtomicUsize) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(8 * 1024);
    loop {
        let whole = find(&buffer, b"\r\n\r\n").and_then(|at| {
            let head = std::str::from_utf8(&buffer[..at + 4]).ok()?;
            let length: usize = header(head, "content-length")?.parse().ok()?;
            (buffer.len() >= at + 4 + length).then_some(at + 4 + length)
        });
        match whole {
            Some(length) => {
                buffer.drain(..length);
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await?;
                taken.fetch_add(1, Ordering::Relaxed);
            }
            None => {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
        }
    }
}
