# 接口文档；反引号之间为代码
docs-title = 商户接口文档
docs-lead = 商户服务器通过接口下单，付款人在收银台付款，付款结果以异步通知送达商户服务器。
docs-contents = 目录
docs-required = 必填
docs-openapi = 供程序读取的版本：

# How it goes
docs-start = 接入流程
docs-start-keys = 接入前，请向收银台运营方领取应用 ID（`app_id`）、接口密钥和通知密钥。密钥只能保存在商户服务器上。
docs-start-order = 商户服务器调用 `POST /api/v1/orders` 创建订单，得到 `checkout_url`。
docs-start-pay = 让付款人的浏览器打开 `checkout_url`。付款人在收银台选择支付方式并付款。
docs-start-webhook = 付款后，商户服务器会收到异步通知。验签通过后再发货。
docs-start-query = 没有收到通知时，调用 `POST /api/v1/orders/query` 查询。只有异步通知和查询结果可以作为付款凭据，浏览器返回不能。

# What holds for every call
docs-basics = 基本约定
docs-basics-address = 接口地址以 `{ $url }/api/v1` 开头，全部使用 POST。
docs-basics-body = 请求体为单层 JSON 对象，UTF-8 编码，不超过 { $kib } KiB，参数名不可重复。需要嵌套的内容写成 JSON 文本，作为一个参数的值。
docs-basics-money = 金额均为整数，单位为分：`12800` 即 128.00 元。币种为 `CNY`。
docs-basics-integers = 整数可以写成 JSON 数字，也可以写成十进制文本。
docs-basics-times = `timestamp` 为 Unix 秒。名称以 `_at` 结尾的时间，以及 `from` 和 `to`，为 UTC 毫秒。
docs-basics-texts = 长度按字符计算，不按字节。文本可以含表情符号，不可含控制字符和双向控制字符。
docs-basics-unknown = 未列出的参数同样参与签名，除此之外会被忽略。
docs-basics-again = 以相同参数再次提交同一 `out_order_no` 或 `out_refund_no`，返回同一订单或退款；参数不同时返回 `280202`。因此没有收到应答时，可以换用新的 `nonce` 和 `timestamp` 重新提交。
docs-basics-checks = 校验顺序为：请求体、`app_id`、频率、`timestamp`、`sign`、其他参数、`nonce`。前面各项都通过后，`nonce` 才算用过。
docs-common = 公共参数

# Signing
docs-signing = 签名
docs-signing-take = 取 `sign` 以外的全部参数，去掉值为空或 `null` 的参数。
docs-signing-plain = 数字和布尔值取其在 JSON 中的写法，如 `12800`、`true`。
docs-signing-sort = 按参数名的字节顺序排序。
docs-signing-join = 将各参数写成 `name=value`，用 `&` 连接，得到待签名文本。值保持原样，不做 URL 编码，使用 UTF-8。
docs-signing-sign = 按 `sign_type` 对待签名文本签名，将结果填入 `sign`。
docs-signing-hmac = 用接口密钥计算 HMAC-SHA256，取小写十六进制。默认使用此方式。
docs-signing-rsa = 用商户私钥计算 SHA256withRSA，取 base64。使用前请将商户公钥提供给收银台运营方。
docs-signing-md5 = 在待签名文本后接上 `&key=` 和接口密钥，计算 MD5，取大写十六进制。仅限允许使用 MD5 的应用。
docs-example = 签名示例
docs-example-about = 以创建订单为例。`attach` 为空，不参与签名；`return_url` 中的 `&` 和 `=` 保持原样。
docs-example-key = 接口密钥（仅作示例，不属于任何应用）
docs-example-text = 待签名文本
docs-example-sign = 签名
docs-example-request = 完整的请求体

# Answers
docs-answers = 应答
docs-answers-shape = 应答为 JSON 对象，含 `code`、`message`、`data`、`request_id`、`timestamp` 和 `sign`。`code` 为 `000000` 表示成功，结果在 `data` 中；其他取值见返回码。
docs-answers-fault = 参数有误时，`data.field` 为第一个有误的参数，`data.rule` 为相应的规则。需要咨询时，请提供 `request_id`。
docs-answers-sign = 应答的签名方法与请求相同，覆盖 `code`、`message`、`data`、`request_id` 和 `timestamp`。其中 `data` 取收到的原文，请在解析 JSON 之前截取；`data` 为 `null` 时视为空。
docs-answers-type = 签名方式与请求的 `sign_type` 相同；`sign_type` 本身有误时使用 HMAC-SHA256。HMAC-SHA256 和 MD5 使用应用的接口密钥，RSA2 使用平台私钥，平台公钥见管理后台的应用页。
docs-answers-unsigned = 确认应用之前的应答没有 `sign`，例如请求体无法解析、请求体过大（HTTP 413）或 `280104`；`280601` 也没有。
docs-answers-sample = 上述请求的应答

# Calls
docs-calls = 接口
docs-one-of = { $names } 至少填写一个。
docs-data = 应答的 `data`：
docs-next = 发起支付后的下一步
docs-next-about = 发起支付的应答中，`next.type` 说明接下来要做什么：
docs-step-qr = 将 `code_url` 显示为二维码，在 `expires_at` 之前有效。
docs-step-redirect = 让付款人的浏览器打开 `url`。
docs-step-form = 让付款人的浏览器以 POST 表单将 `fields` 提交到 `action`。
docs-step-invoke = 将 `params` 原样交给 `bridge` 所指的钱包接口。
docs-step-wait = 付款人正在输入密码，请稍后查询订单。
docs-step-done = 已支付。

# The payer's browser
docs-link = 收银台链接
docs-link-about = 不调用接口也可以下单：让付款人的浏览器打开 `/cashier`，以查询参数或表单带上创建订单的全部参数和签名。应答为 303，跳转到收银台。
docs-link-again = 再次打开同一链接时，只要订单还在，就回到同一收银台，不受 `nonce` 和 `timestamp` 限制。
docs-link-long = 地址不超过 { $kib } KiB；更长时请使用表单。
docs-link-fault = 链接有误时，付款人看到的是说明页，页上有问题编号。
docs-link-sample = 以上述订单为例
docs-return = 付款后返回
docs-return-about = 付款后，浏览器返回 `return_url`，并附上 { $names }。地址中原有的参数保留。
docs-return-sign = 签名只覆盖附上的这些参数，方法与请求相同。默认为 HMAC-SHA256；应用设置为 RSA2 时，使用平台私钥。
docs-return-proof = 这些参数仅供展示，不能作为付款凭据。
docs-return-cancel = 不付款离开时返回 `cancel_url`，不附参数。

# Webhooks
docs-webhooks = 异步通知
docs-webhooks-about = 通知以 POST 发送到订单的 `notify_url`，没有填写时发送到应用的通知地址；退款可以有自己的 `notify_url`。格式遵循 Standard Webhooks：请求体为 JSON，含 `type`、`timestamp`（RFC 3339）和 `data`。
docs-events = 通知类型
docs-event-order_paid = 订单已支付。`data` 为订单。
docs-event-order_closed = 订单已关闭：已过期，或由商户或员工关闭。`data` 为订单。
docs-event-refund_succeeded = 退款成功。`data` 为退款。
docs-event-refund_failed = 退款失败。`data` 为退款。
docs-event-case_opened = 出现异常款项：付款迟到、重复、金额不符或没有对应的订单。`data` 为异常款项。
docs-event-case_resolved = 异常款项已处理。`data` 为异常款项。
docs-delivery = 应答与重发
docs-delivery-answer = 在 15 秒内返回任意 2xx 即为送达。不跟随重定向；返回 410 后不再发送。
docs-delivery-again = 未送达时，依次间隔 { $gaps }后重发，每次间隔有至多五分之一的浮动。仍未送达的通知记为失败，可以在管理后台重新发送。
docs-delivery-twice = 同一通知可能到达多次，也可能晚于后来的通知。请按 `webhook-id` 去重，并以 `data` 中的状态为准。
docs-verify = 验签
docs-header-webhook-id = 通知编号，重发时不变。
docs-header-webhook-timestamp = 本次发送的时间，Unix 秒。
docs-header-webhook-signature = `v1,` 后接 base64 签名。更换通知密钥期间有两个，以空格分隔。
docs-verify-key = 去掉通知密钥的前缀 `whsec_`，将其余部分按 base64 解码，得到验签用的密钥。
docs-verify-text = 用 `.` 依次连接 `webhook-id`、`webhook-timestamp` 和请求体原文。
docs-verify-mac = 计算 HMAC-SHA256，取 base64，与任意一个 `v1,` 之后的签名相同即为通过。
docs-verify-fresh = `webhook-timestamp` 与本机时间相差超过 5 分钟的，请拒绝。
docs-verify-secret = 通知密钥（仅作示例，不属于任何应用）
docs-verify-headers = 请求头
docs-verify-body = 请求体

# What is looked up
docs-objects = 数据对象
docs-objects-about = 接口和通知使用同样的对象。支付和退款的字段见订单的 `payments` 和 `refunds`。以后可能增加字段，已有字段不会改名或删除。
docs-object-order = 订单
docs-object-case = 异常款项
docs-words = 固定取值的字段
docs-methods = 支付方式
docs-methods-about = 应用实际可用的支付方式取决于已开通的渠道。所需信息写在订单的 `extra` 中；`user_id` 也可以写在订单的同名参数中，`openid` 也可以写在发起支付的参数中，`auth_code` 只写在发起支付的参数中。缺少时，发起支付返回 `280001`。
docs-col-code = 代码
docs-col-method = 支付方式
docs-col-needs = 所需信息
docs-col-when = 含义
docs-codes = 返回码

docs-gap-s = { $number } 秒
docs-gap-min = { $number } 分钟
docs-gap-h = { $number } 小时
