//! The table queue: scheduling, claiming and finishing due rows.

use super::database::Database;
use super::row::{Record, Row};
use super::statement::{Expect, Statement};
use crate::pay::store::StoreError;
use crate::pay::{Task, TaskKind};

type Result<T> = std::result::Result<T, StoreError>;

/// Whoever moves a row knows better than its last turns: its attempts begin anew.
pub(super) fn schedule(t: &Task) -> Statement {
    Statement::of_row(
        2,
        "insert into tasks (kind, about, due_at, attempts, step) values ($1, $2, $3, $4, $5) on conflict (kind, about) do update \
         set due_at = excluded.due_at, attempts = excluded.attempts, step = excluded.step, lease_owner = null, lease_until = null",
    )
    .bind(t.kind.as_str())
    .bind(&t.about)
    .bind(t.due_at)
    .bind(t.attempts)
    .bind(t.step)
}

pub(super) fn unschedule(kind: TaskKind, about: &str) -> Statement {
    Statement::of_row(2, "delete from tasks where kind = $1 and about = $2").bind(kind.as_str()).bind(about)
}

pub(super) fn finish(kind: TaskKind, about: &str, owner: &str) -> Statement {
    Statement::of_row(2, "delete from tasks where kind = $1 and about = $2 and lease_owner = $3")
        .bind(kind.as_str())
        .bind(about)
        .bind(owner)
        .expect(Expect::Fresh)
}

pub(super) fn reschedule(t: &Task, owner: &str) -> Statement {
    Statement::of_row(
        2,
        "update tasks set due_at = $4, step = $5, attempts = $6, lease_owner = null, lease_until = null \
         where kind = $1 and about = $2 and lease_owner = $3",
    )
    .bind(t.kind.as_str())
    .bind(&t.about)
    .bind(owner)
    .bind(t.due_at)
    .bind(t.step)
    .bind(t.attempts)
    .expect(Expect::Fresh)
}

/// The outer conditions are those of the inner query once more: on PostgreSQL two nodes may pick the same rows, and the
/// second one, having waited for the first, must find them leased.
fn claim(kind: TaskKind, now: i64, lease_ms: i64, owner: &str, limit: i64) -> Statement {
    Statement::new(
        "update tasks set lease_owner = $3, lease_until = $4, attempts = attempts + 1 where kind = $1 and about in (\
         select about from tasks where kind = $1 and due_at <= $2 and (lease_until is null or lease_until < $2) \
         order by due_at limit $5) and due_at <= $2 and (lease_until is null or lease_until < $2) \
         returning kind, about, due_at, attempts, step",
    )
    .bind(kind.as_str())
    .bind(now)
    .bind(owner)
    .bind(now.saturating_add(lease_ms))
    .bind(limit)
}

fn read(row: &Record) -> Result<Task> {
    let mut r = Row::of("tasks", row);
    Ok(Task { kind: r.word(TaskKind::parse)?, about: r.text()?, due_at: r.int()?, attempts: r.int()?, step: r.int()? })
}

/// As many as the question has places for.
const _: () = assert!(TaskKind::ALL.len() == 7);

impl Database {
    /// One question for all kinds: most of the time nothing is due, and then the writer is not bothered.
    pub(super) async fn kinds_of_due_tasks(&self, now: i64) -> Result<Vec<TaskKind>> {
        let due = Statement::new(
            "with kinds (kind) as (values ($2), ($3), ($4), ($5), ($6), ($7), ($8)) select kind from kinds where exists (\
             select 1 from tasks where tasks.kind = kinds.kind and due_at <= $1 and (lease_until is null or lease_until < $1))",
        );
        let due = TaskKind::ALL.iter().fold(due.bind(now), |statement, kind| statement.bind(kind.as_str()));
        self.rows(due).await?.iter().map(|row| Row::of("tasks", row).word(TaskKind::parse)).collect()
    }

    pub(super) async fn claim_tasks(
        &self,
        kind: TaskKind,
        now: i64,
        lease_ms: i64,
        owner: &str,
        limit: i64,
    ) -> Result<Vec<Task>> {
        let changed = self.write(vec![claim(kind, now, lease_ms, owner, limit).into()]).await?;
        let mut tasks: Vec<Task> = changed.rows.iter().map(read).collect::<Result<_>>()?;
        tasks.sort_by(|a, b| (a.due_at, &a.about).cmp(&(b.due_at, &b.about)));
        Ok(tasks)
    }

    pub(super) async fn release_tasks(&self, owner: &str) -> Result<()> {
        let release = Statement::new(
            "update tasks set lease_owner = null, lease_until = null \
             where lease_owner = $1 or substr(lease_owner, 1, length($2)) = $2",
        )
        .bind(owner)
        .bind(format!("{owner}."));
        self.write(vec![release.into()]).await.map(drop)
    }

    pub(super) async fn find_task(&self, kind: TaskKind, about: &str) -> Result<Option<Task>> {
        let query = Statement::new("select kind, about, due_at, attempts, step from tasks where kind = $1 and about = $2")
            .bind(kind.as_str())
            .bind(about);
        self.row(query).await?.as_ref().map(read).transpose()
    }
}
