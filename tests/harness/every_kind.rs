//! A few customers with rows in a source of every kind, for presets by hand: what happened before 2026-01-01, and what came later.

use super::Workspace;

/// Sources of every kind over the files of [`write_every_kind`]; the population is that of `people`.
pub const EVERY_KIND: &str = r#"
[population]
from = "people"
[privacy]
allow = ["sex"]
[[source]]
name = "people"
kind = "customers"
uri  = "@IN@/people.csv"
types = { born = "date(%Y-%m-%d)", income = "double", household = "int", children = "int" }
[source.columns]
customer_id    = "id"
birth_date     = "born"
sex            = "sex"
income         = "income"
education      = "education"
occupation     = "occupation"
marital_status = "marital"
household_size = "household"
children       = "children"
country        = "country"
region         = "region"
city           = "city"
postal_code    = "postal"
settlement     = "settlement"
[[source]]
name = "web"
kind = "events"
uri  = "@IN@/web.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", seconds = "int", value = "decimal(18,2)" }
[source.columns]
customer_id        = "id"
time               = "at"
event              = "what"
session_id         = "visit"
page               = "page"
engagement_seconds = "seconds"
value              = "value"
medium             = "medium"
device             = "device"
[[source]]
name = "app"
kind = "events"
uri  = "@IN@/app.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)" }
[source.columns]
customer_id = "id"
time        = "at"
event       = "what"
session_id  = "visit"
[[source]]
name = "mails"
kind = "messages"
uri  = "@IN@/mails.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)" }
[source.columns]
customer_id = "id"
time        = "at"
action      = "action"
message_id  = "message"
channel     = "channel"
[[source]]
name = "consents"
kind = "consents"
uri  = "@IN@/consents.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", granted = "bool" }
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "granted"
time        = "at"
[[source]]
name = "club"
kind = "members"
uri  = "@IN@/club.csv"
types = { since = "date(%Y-%m-%d)" }
[source.columns]
customer_id       = "id"
programme         = "programme"
tier              = "tier"
enrolled_at       = "since"
enrolment_channel = "place"
[[source]]
name = "ledger"
kind = "points"
uri  = "@IN@/ledger.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", points = "int", expires = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
points      = "points"
entry       = "entry"
expires_at  = "expires"
[[source]]
name = "answers"
kind = "survey"
uri  = "@IN@/answers.csv"
types = { at = "date(%Y-%m-%d)", score = "int" }
[source.columns]
customer_id = "id"
question    = "question"
answer      = "answer"
time        = "at"
score       = "score"
evidence    = "evidence"
[[source]]
name = "voices"
kind = "feedback"
uri  = "@IN@/voices.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", score = "int" }
[source.columns]
customer_id = "id"
time        = "at"
feedback    = "what"
score       = "score"
[[source]]
name = "orders"
kind = "transactions"
uri  = "@IN@/orders.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", paid = "decimal(18,2)", off = "decimal(18,2)", cost = "decimal(18,2)" }
[source.columns]
customer_id = "id"
order_id    = "receipt"
time        = "at"
product_id  = "product"
amount      = "paid"
discount    = "off"
cost        = "cost"
channel     = "channel"
[[source]]
name = "wishlist"
kind = "wishes"
uri  = "@IN@/wishlist.csv"
types = { added = "date(%Y-%m-%d)", gone = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "added"
product_id  = "product"
removed_at  = "gone"
[[source]]
name = "goods"
kind = "reference"
uri  = "@IN@/goods.csv"
key  = "product_id"
[source.columns]
product_id = "product"
category   = "category"
"#;

/// Sources of companies over the files of [`write_every_kind`], which are segmented in place of customers.
pub const EVERY_KIND_OF_ACCOUNTS: &str = r#"
[population]
from = "companies"
[[source]]
name = "companies"
kind = "accounts"
uri  = "@IN@/companies.csv"
types = { staff = "int", turnover = "double", since = "int" }
[source.columns]
account_id = "id"
industry   = "industry"
employees  = "staff"
revenue    = "turnover"
founded    = "since"
country    = "country"
parent_id  = "parent"
[[source]]
name = "deals"
kind = "opportunities"
uri  = "@IN@/deals.csv"
types = { began = "date(%Y-%m-%d)", ended = "date(%Y-%m-%d)", value = "decimal(18,2)" }
[source.columns]
account_id = "id"
opened     = "began"
closed     = "ended"
stage      = "stage"
won        = "stage = 'won'"
amount     = "value"
"#;

/// What was known on 2026-01-01, by file.
const KNOWN: &[(&str, &str)] = &[
    (
        "people",
        "\
         id,born,sex,income,education,occupation,marital,household,children,country,region,city,postal,settlement\n\
         A,1990-01-01,F,45000,master,nurse,single,2,1,PL,Malopolskie,Krakow,30-001,metropolis\n\
         B,2008-02-29,male,999.99,,,,4,0,PL,,Krakow,,\n\
         C,2027-05-05,x,-1,,,,7,5,,R,,12345,rural\n\
         D,1965-12-31,M,10000000,,,,1,2,DE,Bayern,Hof,95028,town\n\
         E,1800-01-01,,,,,,,,,,,,\n",
    ),
    (
        "web",
        "\
         id,at,what,visit,page,seconds,value,medium,device\n\
         A,2025-12-01 10:00:00,page_view,s1,/home,10,,cpc,mobile\n\
         A,2025-12-01 10:05:00,page_view,s1,/p1,20,,cpc,mobile\n\
         A,2025-12-01 10:10:00,purchase,s1,/p1,,50,,\n\
         A,2025-12-10 09:00:00,page_view,,/a,,,,\n\
         A,2025-12-10 09:30:00,add_to_cart,,/a,,99,,\n\
         A,2025-12-10 10:00:01,sign_up,,,,,organic,mobile\n\
         A,2025-12-31 23:59:59,page_view,s2,/home,5,,organic,desktop\n\
         B,2025-06-01 09:00:00,page_view,s1,,,,,\n",
    ),
    (
        "app",
        "\
         id,at,what,visit\n\
         B,2025-06-01 09:10:00,screen_view,s1\n",
    ),
    (
        "mails",
        "\
         id,at,action,message,channel\n\
         A,2025-12-01 10:00:00,sent,m1,email\n\
         A,2025-12-01 10:01:00,delivered,m1,email\n\
         A,2025-12-02 10:00:00,opened,m1,email\n\
         A,2025-12-03 10:00:00,opened,m1,email\n\
         A,2025-12-03 10:01:00,clicked,m1,email\n\
         A,2025-12-05 10:00:00,sent,m2,email\n\
         A,2025-12-05 10:01:00,delivered,m2,email\n\
         A,2025-12-06 10:00:00,sent,m3,email\n\
         A,2025-12-06 10:01:00,bounced,m3,email\n\
         A,2025-12-07 10:00:00,sent,,sms\n\
         A,2025-12-08 10:00:00,sent,,sms\n\
         A,2025-12-08 11:00:00,converted,,sms\n\
         A,2025-12-09 10:00:00,sent,p1,push\n\
         A,2025-12-10 10:00:00,clicked,p1,\n\
         C,2025-12-31 10:00:00,sent,c1,email\n\
         C,2025-12-31 10:01:00,bounced,c1,email\n\
         D,2025-10-01 10:00:00,delivered,d1,sms\n\
         D,2025-10-01 10:01:00,clicked,d1,sms\n\
         D,2025-10-01 10:02:00,converted,d1,sms\n\
         D,2025-10-02 10:00:00,delivered,d2,email\n\
         D,2025-10-02 10:01:00,clicked,d2,email\n\
         D,2025-10-02 10:02:00,unsubscribed,d2,email\n\
         D,2025-10-02 10:03:00,complained,d2,email\n",
    ),
    (
        "consents",
        "\
         id,channel,granted,at\n\
         A,push,true,2025-01-01 00:00:00\n\
         A,push,false,2025-06-01 00:00:00\n\
         A,email,true,2025-01-01 00:00:00\n\
         A,sms,true,2025-01-01 00:00:00\n\
         A,sms,false,2025-01-01 00:00:00\n\
         B,email,true,2025-01-01 00:00:00\n\
         D,sms,true,2025-01-01 00:00:00\n",
    ),
    (
        "club",
        "\
         id,programme,tier,since,place\n\
         A,basic,gold,2024-01-01,store\n\
         A,premium,silver,2025-06-01,web\n\
         B,basic,bronze,,\n",
    ),
    (
        "ledger",
        "\
         id,at,points,entry,expires\n\
         A,2024-03-01 00:00:00,100,earn,2026-03-01\n\
         A,2025-05-01 00:00:00,50,earn,2026-06-01\n\
         A,2025-07-01 00:00:00,-30,burn,\n\
         A,2025-08-01 00:00:00,-20,expire,\n\
         A,2025-09-01 00:00:00,5,adjust,\n\
         B,2025-12-31 00:00:00,10,,\n\
         B,2025-12-31 12:00:00,-4,,\n",
    ),
    (
        "answers",
        "\
         id,question,answer,at,score,evidence\n\
         A,q1,a,2025-01-01,2,declared\n\
         A,q1,b,2025-06-01,4,declared\n\
         A,q2,,2025-06-01,,\n\
         A,q3,x,2025-06-02,5,inferred\n\
         A,q3,y,2025-06-02,3,\n\
         B,q1,,2025-06-01,,\n",
    ),
    (
        "voices",
        "\
         id,at,what,score\n\
         A,2025-01-01 00:00:00,csat,3\n\
         A,2025-02-01 00:00:00,csat,5\n\
         A,2025-03-01 00:00:00,csat,\n\
         A,2025-04-01 00:00:00,nps,6\n\
         A,2025-05-01 00:00:00,nps,9\n\
         A,2025-05-01 00:00:00,nps,10\n\
         A,2025-06-01 00:00:00,rating,4\n\
         A,2025-06-02 00:00:00,review,2\n\
         A,2025-12-30 00:00:00,complaint,\n\
         A,2025-12-31 00:00:00,ignore,\n\
         B,2025-05-01 00:00:00,nps,7\n\
         C,2025-05-01 00:00:00,nps,11\n\
         D,2025-05-01 00:00:00,nps,0\n\
         E,2025-05-01 00:00:00,ignore,\n",
    ),
    (
        "orders",
        "\
         id,receipt,at,product,paid,off,cost,channel\n\
         A,1,2025-10-01 08:00:00,p1,8.00,1.00,3.00,web\n\
         A,2,2025-12-20 09:00:00,p2,5.00,0.00,2.00,store\n\
         A,3,2025-12-30 23:59:59,p1,10.00,2.00,4.00,web\n\
         A,3,2025-12-31 10:00:00,p1,-2.00,0.00,1.00,web\n\
         B,4,2025-02-10 10:00:00,p1,4.00,0.00,1.00,web\n",
    ),
    (
        "wishlist",
        "\
         id,added,product,gone\n\
         A,2025-11-01,p1,2025-12-31\n\
         A,2025-11-01,p2,\n\
         B,2025-11-02,p3,\n",
    ),
    (
        "companies",
        "\
         id,industry,staff,turnover,since,country,parent\n\
         K1, Retail ,9,1999999.99,2016,PL,K1\n\
         K2,retail,10,2000000,2026,DE,K1\n\
         K3,,250,999999999,2027,,K1\n\
         K4,Finance,5000,1000000000,1926,PL,K9\n\
         K5,,-1,-1,,,\n",
    ),
    (
        "deals",
        "\
         id,began,ended,stage,value\n\
         K1,2025-01-01,2025-01-11,won,100.50\n\
         K1,2025-02-01,2025-02-21,won,200\n\
         K1,2025-03-01,2025-11-30,lost,50\n\
         K1,2025-11-01,,talks,70\n\
         K1,2025-12-01,,talks,30\n\
         K2,2025-10-01,2025-12-31,won,\n\
         K2,2025-12-31,,talks,\n\
         K3,2025-12-30,2025-12-31,lost,10\n\
         ,2025-12-30,2025-12-31,lost,10\n\
         K9,2025-12-30,2025-12-31,won,10\n",
    ),
    (
        "goods",
        "\
         product,category\n\
         p1,tea\n\
         p2,tea\n\
         p3,cups\n",
    ),
];

/// Rows of later days.
const LATER: &[(&str, &str)] = &[
    (
        "web",
        "C,2026-01-01 00:00:00,purchase,s1,/p1,10,50,cpc,mobile\nA,2026-01-15 10:00:00,page_view,s1,/new,99,,cpc,tablet\n",
    ),
    ("app", "B,2026-01-01 00:00:00,sign_up,s1\n"),
    (
        "mails",
        "A,2026-01-01 00:00:00,clicked,m2,email\nC,2026-01-02 00:00:00,delivered,c1,email\nB,2026-02-01 00:00:00,opened,b1,sms\n",
    ),
    (
        "consents",
        "A,push,true,2026-01-01 00:00:00\nA,email,false,2026-01-02 00:00:00\nE,sms,true,2026-01-02 00:00:00\n",
    ),
    ("club", "A,top,platinum,2026-01-01,web\nC,basic,bronze,2026-03-01,web\n"),
    (
        "ledger",
        "A,2026-01-01 00:00:00,-75,burn,\nA,2026-03-01 00:00:00,-30,expire,\nC,2026-01-02 00:00:00,500,earn,2026-02-01\n",
    ),
    ("answers", "A,q2,late,2026-01-01,1,declared\nB,q1,late,2026-01-05,9,inferred\nC,q9,,2026-01-05,,\n"),
    ("voices", "A,2026-01-01 00:00:00,nps,0\nB,2026-01-02 00:00:00,complaint,\nC,2026-01-02 00:00:00,csat,1\n"),
    (
        "orders",
        "A,5,2026-01-01 00:00:00,p3,900.00,9.00,1.00,app\nA,3,2026-01-03 00:00:00,p1,-8.00,0.00,0.00,web\nC,6,2026-02-01 00:00:00,p3,70.00,0.00,1.00,app\n",
    ),
    ("wishlist", "A,2026-01-01,p9,\nC,2026-01-02,p9,2026-01-03\n"),
    ("deals", "K1,2026-01-01,,talks,999\nK4,2026-01-02,2026-02-01,won,500\n"),
];

/// Old rows whose state came later: a wish that was taken off the list, a deal that was closed.
const CHANGED: &[(&str, &str, &str)] = &[
    ("wishlist", "A,2025-11-01,p2,\n", "A,2025-11-01,p2,2026-01-01\n"),
    ("wishlist", "B,2025-11-02,p3,\n", "B,2025-11-02,p3,2026-04-01\n"),
    ("deals", "K2,2025-12-31,,talks,\n", "K2,2025-12-31,2026-01-01,won,777\n"),
];

/// Writes the files of [`EVERY_KIND`] as they were on 2026-01-01.
pub fn write_every_kind(workspace: &Workspace) {
    for (name, rows) in KNOWN {
        workspace.write(&format!("in/{name}.csv"), rows);
    }
}

/// Writes the same files as they are in spring: with rows of later days, and old rows that have changed since.
pub fn write_every_kind_later(workspace: &Workspace) {
    for (name, rows) in KNOWN {
        let mut rows = (*rows).to_owned();
        for (_, old, new) in CHANGED.iter().filter(|(of, ..)| of == name) {
            assert!(rows.contains(old), "{name}: {old}");
            rows = rows.replace(old, new);
        }
        rows.extend(LATER.iter().filter(|(of, _)| of == name).map(|(_, later)| *later));
        workspace.write(&format!("in/{name}.csv"), rows);
    }
}

/// Sources that have rows of later days.
pub fn kinds_with_later_rows() -> impl Iterator<Item = &'static str> {
    LATER.iter().map(|(name, _)| *name)
}
