//! The end of a server: what is open comes to its end, and nothing new is begun.

use super::app::{TestApp, eventually};
use crate::pay::store::Write;
use crate::pay::{Task, TaskKind};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn no_work_is_claimed_while_open_requests_come_to_their_end() {
    let app = TestApp::start().await;
    let address = app.url.trim_start_matches("http://");
    let mut open = TcpStream::connect(address).await.expect("connects");
    // A request whose body does not come: the server waits for it as long as a shutdown may take.
    let head = format!("POST /api/v1/orders HTTP/1.1\r\nhost: {address}\r\ncontent-length: 10\r\n\r\n");
    open.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.end();
    eventually("nobody is let in any more", async || TcpStream::connect(address).await.is_err()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;

    let task = Task { kind: TaskKind::AnswerCase, about: "none".to_owned(), due_at: 0, attempts: 0, step: 0 };
    app.cashier.store().commit(vec![Write::Schedule(task.clone())]).await.expect("scheduled");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let left = app.cashier.store().task(task.kind, &task.about).await.expect("reads");
    assert_eq!(left, Some(task));
    let answer = tokio::time::timeout(Duration::from_millis(10), open.read_u8()).await;
    assert!(answer.is_err(), "the request is open all the while: {answer:?}");
}
