//! The programs under measurement, as children on free loopback ports, and what the kernel says about them.

use super::Failure;
use super::client::{Connection, get};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the program is and what it runs with.
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
    /// The built site.
    pub site: PathBuf,
    /// A directory of its own.
    pub data: PathBuf,
    /// Empty: SQLite in the directory.
    pub database: String,
}

/// A running child, ended with the value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the program to its first answer to `/readyz`.
    pub ready_after: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // fails only when it has ended already
        let _ = self.child.wait();
    }
}

impl Program {
    /// The program with our settings and nothing of the caller's: limits off, and no questions about payments that wait
    /// from an earlier measure.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|n| n.starts_with("CASHIER_") || n == "DATABASE_URL") {
                command.env_remove(name);
            }
        }
        command
            .env("CASHIER_DATA_DIR", &self.data)
            .env("CASHIER_SERVER__SITE_ROOT", &self.site)
            .env("CASHIER_OUTBOUND__ALLOW", "127.0.0.0/8")
            .env("CASHIER_PLANS__QUERY_S", "3600")
            .current_dir(&self.data);
        for limit in [
            "ORDERS_PER_S",
            "ORDERS_BURST",
            "PAGE_PER_S",
            "ADDRESS_PER_S",
            "FAILED_SIGNATURES_PER_MIN",
            "SSE_PER_ADDRESS",
            "CONNECTIONS",
        ] {
            command.env(format!("CASHIER_LIMITS__{limit}"), "0");
        }
        if !self.database.is_empty() {
            command.env("DATABASE_URL", &self.database);
        }
        command
    }

    /// Runs a command that prints one JSON document.
    ///
    /// # Errors
    /// When it fails.
    pub fn ask(&self, arguments: &[&str], input: &str) -> Result<Value, Failure> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{}: {e}", self.path.display()))?;
        child.stdin.take().ok_or("no standard input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("cashier {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Starts the server and waits until it is ready. Its log goes to a file beside the data, at the usual level.
    ///
    /// # Errors
    /// When it is not ready within a minute.
    pub async fn serve(&self) -> Result<Server, Failure> {
        let address = free_address()?;
        let mut command = self.command();
        command.args(["serve", "--listen", &address.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
        let log = std::fs::File::create(self.data.join("serve.log"))?;
        let begun = Instant::now();
        let child = command.stderr(log).spawn()?;
        let mut server = Server { child, address, ready_after: Duration::ZERO };
        let request = get(address, "/readyz", "");
        let mut connection = Connection::new(address);
        while !connection.send(&request).await.is_ok_and(|reply| reply.status == 200) {
            if begun.elapsed() > Duration::from_secs(60) || server.child.try_wait()?.is_some() {
                let log = std::fs::read_to_string(self.data.join("serve.log")).unwrap_or_default();
                return Err(format!("the server did not get ready: {log}").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.ready_after = begun.elapsed();
        Ok(server)
    }

    /// Starts the providers; their accounts as channel import documents.
    ///
    /// # Errors
    /// When they do not start.
    pub fn simulate(&self) -> Result<(Server, Vec<Value>), Failure> {
        let address = free_address()?;
        let log = std::fs::File::create(self.data.join("simulate.log"))?;
        let mut command = self.command();
        command.args(["simulate", "--print-credentials", "--listen", &address.to_string()]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let out = child.stdout.take();
        let server = Server { child, address, ready_after: Duration::ZERO };
        let mut line = String::new();
        BufReader::new(out.ok_or("no standard output")?).read_line(&mut line)?;
        let documents = serde_json::from_str(&line).map_err(|e| format!("the simulator's accounts: {e}"))?;
        Ok((server, documents))
    }
}

impl Server {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory now and at its highest, in MB.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn memory(&self) -> Result<(f64, f64), Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let of = |name: &str| -> Result<f64, Failure> {
            let line = text.lines().find_map(|l| l.strip_prefix(name)).ok_or("no such line")?;
            let kib: u32 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?;
            Ok(f64::from(kib) * 1024.0 / 1e6)
        };
        Ok((of("VmRSS")?, of("VmHWM")?))
    }
}

/// Processor time a process has used, all its threads together.
///
/// # Errors
/// When the kernel does not say.
pub fn processor_time(id: u32) -> Result<Duration, Failure> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("an odd line")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64, Failure> { Ok(fields.next().ok_or("a short line")?.parse()?) };
    Ok(Duration::from_millis((ticks()? + ticks()?) * 10)) // the kernel counts in hundredths here
}

fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A directory that is gone with the value.
pub struct Scratch(PathBuf);

impl Scratch {
    /// # Errors
    /// When it cannot be made.
    pub fn new(parent: &Path) -> Result<Self, Failure> {
        let path = parent.join(format!("cashier-bench.{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// A directory inside.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn sub(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.0.join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // what stays is in the system's directory for such things
    }
}
