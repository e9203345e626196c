//! The end of the program: Ctrl-C or a termination signal.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first signal. A second one ends the program at once.
pub fn shutdown() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        wait().await;
        tracing::info!("shutting down");
        cancel.cancel();
        wait().await;
        std::process::exit(130);
    });
    token
}

async fn wait() {
    #[cfg(unix)]
    {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
