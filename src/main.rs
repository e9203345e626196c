//! Wiring only: what a command does is in `cli`.

#[cfg(feature = "ssr")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    // Before any client is built. Fails only when somebody has installed a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    cashier::cli::main().await
}

#[cfg(not(feature = "ssr"))]
fn main() {}
