-- How a channel stands among others that can do the same: its share and limits as staff set them, and since when and why it
-- is passed over. A channel without a row has a share of one and no limits of its own.
create table channel_standings (
    channel_id      text    not null constraint channel_standings_pkey primary key
                            constraint channel_standings_channel_fkey references channels (channel_id),
    weight          bigint  not null,
    min_amount      bigint,
    max_amount      bigint,
    degraded_at     bigint,
    degraded_reason text
);
