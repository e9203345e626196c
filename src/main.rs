//! Wiring only: what a command does is in `cli`.

/// Pages and answers are many small allocations, of which the system's allocator makes a fifth of the work.
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "ssr")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    // Before any client is built. Fails only when somebody has installed a provider already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    cashier::cli::main().await
}

#[cfg(not(feature = "ssr"))]
fn main() {}
