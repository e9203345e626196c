//! The real program as processes of their own, for what cannot be tried inside a test: dying without a goodbye.

use super::app::client;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The program, built from these very sources. `make test` has built it already; a bare `cargo test` has not.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().expect("this test's path");
        let profile_dir = test.parent().and_then(Path::parent).expect("…/target/debug/deps/cashier-…");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet", "--bin", "cashier", "--features", "ssr"]);
        cargo.arg("--target-dir").arg(profile_dir.parent().expect("target"));
        if profile_dir.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the program does not build");
        let program = profile_dir.join("cashier");
        assert!(program.is_file(), "{} is not there", program.display());
        program
    })
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}

/// How every process of one play is set up.
pub struct Setting {
    pub dir: PathBuf,
    pub url: String,
    environment: BTreeMap<String, String>,
}

impl Setting {
    /// A server at a free port, no limits, quick plans; everything it writes stays in `dir`.
    pub fn new(dir: &Path, more: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default(); // for the tests' own clients
        let listen = format!("127.0.0.1:{}", free_port());
        let url = format!("http://{listen}");
        let data_dir = dir.join("data").to_str().expect("path").to_owned();
        let mut environment: BTreeMap<String, String> = [
            ("CASHIER_DATA_DIR", data_dir.as_str()),
            ("CASHIER_SERVER__LISTEN", &listen),
            ("CASHIER_SERVER__PUBLIC_URL", &url),
            ("CASHIER_OUTBOUND__ALLOW", "127.0.0.0/8"),
            ("CASHIER_LIMITS__ORDERS_PER_S", "0"),
            ("CASHIER_LIMITS__PAGE_PER_S", "0"),
            ("CASHIER_LIMITS__ADDRESS_PER_S", "0"),
            ("CASHIER_LIMITS__FAILED_SIGNATURES_PER_MIN", "0"),
            ("CASHIER_PLANS__WEBHOOK_S", "1,1,2,2,4,4,8,8"),
            ("CASHIER_PLANS__QUERY_S", "2"),
            ("CASHIER_PLANS__REFUND_S", "1"),
            ("CASHIER_PLANS__CLOSE_S", "1"),
            ("CASHIER_WORKER__POLL_MS", "50"),
            ("CASHIER_WORKER__SHUTDOWN_S", "3"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .into();
        environment.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        Self { dir: dir.to_owned(), url, environment }
    }

    /// Changes one variable of the processes that are started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(&self.dir).env_clear().envs(&self.environment);
        command
    }

    /// Runs a command to its end; the JSON document that it prints.
    pub fn run(&self, arguments: &[&str], input: &str) -> Value {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {errors}"))
    }

    /// Starts `serve`; returns when it answers.
    pub async fn serve(&self) -> Process {
        let mut process = self.spawn(&["serve"], "serve");
        process.answers(&format!("{}/healthz", self.url)).await;
        process
    }

    /// The same, with a process that takes a refusal to write to a file for an error, as on a full disk, instead of dying
    /// of it: see [`Process::fill_disk`].
    pub async fn serve_on_a_small_disk(&self) -> Process {
        let mut command = self.command(&["serve"]);
        let serve = Command::new("sh");
        let plain = std::mem::replace(&mut command, serve);
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
        command.current_dir(&self.dir).env_clear().envs(&self.environment);
        let child = command.stdout(self.log("serve")).stderr(self.log("serve")).spawn().expect("starts");
        let mut process = Process { child, log: self.dir.join("serve.log") };
        process.answers(&format!("{}/healthz", self.url)).await;
        process
    }

    /// Starts the simulator; the process, where it is, and its accounts as import documents.
    pub async fn simulate(&self, speed: &str) -> (Process, String, Vec<Value>) {
        let listen = format!("127.0.0.1:{}", free_port());
        let arguments = ["simulate", "--listen", &listen, "--print-credentials", "--notice-speed", speed];
        let mut command = self.command(&arguments);
        command.stdout(Stdio::piped()).stderr(self.log("simulate"));
        let mut child = command.spawn().expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its accounts");
        let mut process = Process { child, log: self.dir.join("simulate.log") };
        let url = format!("http://{listen}");
        process.answers(&format!("{url}/book")).await;
        (process, url, serde_json::from_str(&line).expect("JSON"))
    }

    fn spawn(&self, arguments: &[&str], name: &str) -> Process {
        let child = self.command(arguments).stdout(self.log(name)).stderr(self.log(name)).spawn().expect("starts");
        Process { child, log: self.dir.join(format!("{name}.log")) }
    }

    fn log(&self, name: &str) -> File {
        let path = self.dir.join(format!("{name}.log"));
        OpenOptions::new().create(true).append(true).open(path).expect("a log file")
    }
}

/// A running process; killed when dropped.
pub struct Process {
    child: Child,
    pub log: PathBuf,
}

impl Process {
    /// SIGKILL: no handler runs, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Stops the process where it is, as a paused virtual machine would be, or lets it go on.
    pub fn pause(&self, is_paused: bool) {
        let signal = if is_paused { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(done.success(), "{signal}");
    }

    /// From now on no file can be written beyond its first byte, or again as before. A limit of the process stands in for
    /// a file system of its own, since mounting one takes rights that a container may not have.
    pub fn fill_disk(&self, is_full: bool) {
        let limit = if is_full { "--fsize=1:unlimited" } else { "--fsize=unlimited:unlimited" };
        let done = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), limit]).status().expect("prlimit runs");
        assert!(done.success(), "{limit}");
    }

    async fn answers(&mut self, url: &str) {
        let client = client();
        for _ in 0..1200 {
            if let Some(status) = self.child.try_wait().expect("state") {
                panic!("ended with {status}:\n{}", self.last_lines());
            }
            if client.get(url).send().await.is_ok_and(|a| a.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{url} never answers:\n{}", self.last_lines());
    }

    pub fn last_lines(&self) -> String {
        let text = String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
