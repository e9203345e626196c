//! The session store: hashed ids, expiry, a person's sessions and their end.

use super::on_each;
use crate::model::StaffId;
use crate::pay::store::{Store, StoreError, Write};
use crate::pay::{StaffSession, World, session_hash};
use crate::storage::row::Row;
use crate::storage::statement::Statement;
use crate::storage::{STAFF_ID, Sessions};
use time::{Duration, OffsetDateTime};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

fn record(staff: Option<&StaffId>, expires_in: Duration) -> Record {
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(World::system().now_ms()) * 1_000_000).unwrap();
    let mut data = std::collections::HashMap::new();
    if let Some(staff) = staff {
        data.insert(STAFF_ID.to_owned(), serde_json::json!(staff.as_str()));
    }
    Record { id: Id::default(), data, expiry_date: now + expires_in }
}

fn person() -> StaffId {
    StaffId::parse(&World::system().id("staff")).unwrap()
}

#[tokio::test]
async fn a_session_lives_until_it_expires_or_is_deleted() {
    on_each(async |db| {
        let sessions = Sessions::new(db.database.clone());
        let mut session = record(None, Duration::hours(1));
        sessions.create(&mut session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), Some(session.clone()));
        session.data.insert("csrf".to_owned(), serde_json::json!([1, "x"]));
        sessions.save(&session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), Some(session.clone()));
        session.expiry_date -= Duration::hours(2);
        sessions.save(&session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), None);
        sessions.delete(&session.id).await.unwrap();
        session.expiry_date += Duration::hours(4);
        sessions.save(&session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), None, "saving does not bring an ended session back");
    })
    .await;
}

#[tokio::test]
async fn a_taken_id_is_replaced_by_a_new_one() {
    on_each(async |db| {
        let sessions = Sessions::new(db.database.clone());
        let mut first = record(None, Duration::hours(1));
        sessions.create(&mut first).await.unwrap();
        let mut second = record(Some(&person()), Duration::hours(1));
        second.id = first.id;
        sessions.create(&mut second).await.unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(sessions.load(&first.id).await.unwrap(), Some(first));
        assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
    })
    .await;
}

#[tokio::test]
async fn ending_sessions_spares_others_and_the_one_named() {
    on_each(async |db| {
        let sessions = Sessions::new(db.database.clone());
        let (anna, bert) = (person(), person());
        let mut all = [Some(&anna), Some(&anna), Some(&bert), None].map(|p| record(p, Duration::hours(1)));
        for session in &mut all {
            sessions.create(session).await.unwrap();
        }
        let alive = async || {
            let mut out = Vec::new();
            for session in &all {
                out.push(sessions.load(&session.id).await.unwrap().is_some());
            }
            out
        };
        let end = |except| vec![Write::EndSessions { staff_id: anna.clone(), except }];
        db.commit(end(Some(session_hash(&all[1].id.to_string())))).await.unwrap();
        assert_eq!(alive().await, [false, true, true, true]);
        db.commit(end(None)).await.unwrap();
        assert_eq!(alive().await, [false, false, true, true]);
    })
    .await;
}

#[tokio::test]
async fn a_persons_sessions_are_listed_and_end_one_by_one() {
    on_each(async |db| {
        let sessions = Sessions::new(db.database.clone());
        let (anna, bert) = (person(), person());
        let mut all = [(&anna, 1), (&anna, 1), (&anna, -1), (&bert, 1)].map(|(p, hours)| record(Some(p), Duration::hours(hours)));
        let told = serde_json::json!({ "signed_in_at": 5, "seen_at": 7, "address": "203.0.113.9", "browser": "Firefox · Linux" });
        all[0].data.extend(told.as_object().unwrap().clone());
        for session in &mut all {
            sessions.create(session).await.unwrap();
        }
        let hash = |n: usize| session_hash(&all[n].id.to_string());
        let first = StaffSession {
            id_hash: hash(0),
            signed_in_at: 5,
            seen_at: 7,
            address: Some("203.0.113.9".to_owned()),
            browser: Some("Firefox · Linux".to_owned()),
        };
        let second = StaffSession { id_hash: hash(1), signed_in_at: 0, seen_at: 0, address: None, browser: None };
        let list = async |person: &StaffId| {
            let mut found = db.sessions_of(person, World::system().now_ms()).await.unwrap();
            found.sort_by_key(|s| std::cmp::Reverse(s.seen_at));
            found
        };
        assert_eq!(list(&anna).await, [first, second.clone()], "and not the expired one");

        let end = |person: &StaffId, id_hash: String| vec![Write::EndSession { staff_id: person.clone(), id_hash }];
        for (person, id_hash) in [(&bert, hash(0)), (&anna, hash(3)), (&anna, all[0].id.to_string()), (&anna, String::new())] {
            assert!(matches!(db.commit(end(person, id_hash)).await, Err(StoreError::Stale)));
        }
        assert_eq!((list(&anna).await.len(), list(&bert).await.len()), (2, 1), "nothing has ended");
        db.commit(end(&anna, hash(0))).await.unwrap();
        assert!(matches!(db.commit(end(&anna, hash(0))).await, Err(StoreError::Stale)), "it has ended already");
        assert_eq!(list(&anna).await, [second]);
        assert_eq!(list(&bert).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_table_holds_no_id_that_a_cookie_could_carry() {
    on_each(async |db| {
        let sessions = Sessions::new(db.database.clone());
        let mut session = record(Some(&person()), Duration::hours(1));
        sessions.create(&mut session).await.unwrap();
        let rows = db.rows(Statement::new("select id_hash, data from sessions")).await.unwrap();
        let mut r = Row::of("sessions", &rows[0]);
        let (id, data) = (r.text().unwrap(), r.text().unwrap());
        assert_eq!(id.len(), 64);
        assert!(!data.contains(&session.id.to_string()));
    })
    .await;
}
