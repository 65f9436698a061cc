-- name:    sales_channels
-- about:   Through which channels a customer buys.
-- kind:    transactions
-- needs:   channel, time, amount
-- without: is_refund bool
-- source:  purchases with a channel, by rows; entropy is Shannon's
-- default: channels 0
-- column:  channel_main        text    channel   the most frequent; the first by name of several
-- column:  channel_main_share  double  share     its rows / rows
-- column:  channels            int     channels  different ones
-- column:  channel_entropy     double  bits      0 where it is always the same channel
-- column:  channel_last        text    channel   that of the last purchase
select customer_id,
       mode(channel)                                        as channel_main,
       max(rows_of_channel) / count(*)                      as channel_main_share,
       count(distinct channel)                              as channels,
       entropy(channel)                                     as channel_entropy,
       min(channel) filter (where place = 1)                as channel_last
from (select customer_id, channel,
             count(*) over (partition by customer_id, channel) as rows_of_channel,
             rank() over (partition by customer_id order by time desc) as place
      from transactions
      where not coalesce(is_refund, amount < 0) and channel is not null)
group by customer_id
