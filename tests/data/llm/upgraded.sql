BEGIN TRANSACTION;
CREATE TABLE "_llm_migrations" (
   "name" TEXT PRIMARY KEY,
   "applied_at" TEXT
);
INSERT INTO "_llm_migrations" VALUES('m001_initial','2026-11-26 09:34:06.439753+00:00');
INSERT INTO "_llm_migrations" VALUES('m002_id_primary_key','2026-11-26 09:34:06.475532+00:00');
INSERT INTO "_llm_migrations" VALUES('m003_chat_id_foreign_key','2026-11-26 09:34:06.546736+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_column_order','2026-11-26 09:34:06.595547+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_drop_provider','2026-11-26 09:34:06.637559+00:00');
INSERT INTO "_llm_migrations" VALUES('m005_debug','2026-11-26 09:34:06.675909+00:00');
INSERT INTO "_llm_migrations" VALUES('m006_new_logs_table','2026-11-26 09:34:06.751484+00:00');
INSERT INTO "_llm_migrations" VALUES('m007_finish_logs_table','2026-11-26 09:34:06.803555+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_reply_to_id_foreign_key','2026-11-26 09:34:06.855642+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_fix_column_order_in_logs','2026-11-26 09:34:06.887562+00:00');
INSERT INTO "_llm_migrations" VALUES('m009_delete_logs_table_if_empty','2026-11-26 09:34:06.913448+00:00');
INSERT INTO "_llm_migrations" VALUES('m010_create_new_log_tables','2026-11-26 09:34:06.955135+00:00');
INSERT INTO "_llm_migrations" VALUES('m012_attachments_tables','2026-11-26 09:34:07.063982+00:00');
INSERT INTO "_llm_migrations" VALUES('m013_usage','2026-11-26 09:34:07.114309+00:00');
INSERT INTO "_llm_migrations" VALUES('m014_schemas','2026-11-26 09:34:07.219676+00:00');
INSERT INTO "_llm_migrations" VALUES('m015_fragments_tables','2026-11-26 09:34:07.270938+00:00');
INSERT INTO "_llm_migrations" VALUES('m016_fragments_table_pks','2026-11-26 09:34:07.311014+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_tables','2026-11-26 09:34:07.383469+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_plugin','2026-11-26 09:34:07.411452+00:00');
INSERT INTO "_llm_migrations" VALUES('m018_tool_instances','2026-11-26 09:34:07.471950+00:00');
INSERT INTO "_llm_migrations" VALUES('m019_resolved_model','2026-11-26 09:34:07.479435+00:00');
INSERT INTO "_llm_migrations" VALUES('m020_tool_results_attachments','2026-11-26 09:34:07.497442+00:00');
INSERT INTO "_llm_migrations" VALUES('m021_tool_results_exception','2026-11-26 09:34:07.519476+00:00');
INSERT INTO "_llm_migrations" VALUES('m022_response_reasoning','2026-11-26 09:34:12.207600+00:00');
INSERT INTO "_llm_migrations" VALUES('m023_message_store','2026-11-26 09:34:12.497107+00:00');
INSERT INTO "_llm_migrations" VALUES('m024_tool_instance_references','2026-11-26 09:34:12.635733+00:00');
INSERT INTO "_llm_migrations" VALUES('m025_turn_tools_instance_backfill','2026-11-26 09:34:12.651669+00:00');
INSERT INTO "_llm_migrations" VALUES('m026_message_tree_view','2026-11-26 09:34:12.683570+00:00');
INSERT INTO "_llm_migrations" VALUES('m027_turns_response_json','2026-11-26 09:34:12.715919+00:00');
CREATE TABLE "attachments" (
   "id" TEXT PRIMARY KEY,
   "type" TEXT,
   "path" TEXT,
   "url" TEXT,
   "content" BLOB
);
INSERT INTO "attachments" VALUES('4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6','image/png','/home/me/0.28/sky.png',NULL,NULL);
CREATE TABLE "conversations" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT,
   "model" TEXT
);
INSERT INTO "conversations" VALUES('01m8bk915m9f6p25f1a4e8javs','plain one','echo');
INSERT INTO "conversations" VALUES('01m8bk917ne29z70cemcpjq5t7','It was a dark night. with a fra…','echo');
INSERT INTO "conversations" VALUES('01m8bk919nt6ngx9zmpectesh2','use the tool','echo');
INSERT INTO "conversations" VALUES('01m8bk91db65xp4yqg5za8hax1','with a picture','echo');
INSERT INTO "conversations" VALUES('01m8bk91f8r1y3wq1xwtjes45p','a name','echo');
INSERT INTO "conversations" VALUES('01m8bk91gts082naa50816fr5j','think','echo');
CREATE TABLE "fragment_aliases" (
   "alias" TEXT PRIMARY KEY,
   "fragment_id" INTEGER REFERENCES "fragments"("id")
);
CREATE TABLE "fragments" (
   "id" INTEGER PRIMARY KEY,
   "hash" TEXT,
   "content" TEXT,
   "datetime_utc" TEXT,
   "source" TEXT
);
INSERT INTO "fragments" VALUES(1,'083f3c0fe753704926c281bbe65f1a87d64a3ddca7cc2c8acd1add7107a44757','It was a dark night.','2026-11-26 09:34:07','/home/me/0.28/novel.txt');
INSERT INTO "fragments" VALUES(2,'514d1441ab8fb52369265eecb1907cda71aed1a114aa51e331eb1d7a7441c1d0','Always rhyme.','2026-11-26 09:34:07','/home/me/0.28/rules.txt');
CREATE TABLE "messages" (
   "hash" TEXT PRIMARY KEY,
   "parent_hash" TEXT REFERENCES "messages"("hash"),
   "role" TEXT,
   "provider_metadata" TEXT
);
INSERT INTO "messages" VALUES('b2:753f9569864763c63f6d1e08aa7e068e',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:d8b5b3ade2bd258a578ab455a1c28512','b2:753f9569864763c63f6d1e08aa7e068e','assistant',NULL);
INSERT INTO "messages" VALUES('b2:b54ac1b96855228ed07934948eafedad','b2:d8b5b3ade2bd258a578ab455a1c28512','user',NULL);
INSERT INTO "messages" VALUES('b2:9b44f91ae856eb841353418eaf4a7d33','b2:b54ac1b96855228ed07934948eafedad','assistant',NULL);
INSERT INTO "messages" VALUES('b2:20707d600a054a5ccdf13c35042960d8',NULL,'system',NULL);
INSERT INTO "messages" VALUES('b2:2dc5cd6abeb3342c41301bcc26d7faea','b2:20707d600a054a5ccdf13c35042960d8','user',NULL);
INSERT INTO "messages" VALUES('b2:0aba72b01de2042294040769d8145056','b2:2dc5cd6abeb3342c41301bcc26d7faea','assistant',NULL);
INSERT INTO "messages" VALUES('b2:ec1f15e0dee9acaa93f33f4302acbb25','b2:0aba72b01de2042294040769d8145056','system',NULL);
INSERT INTO "messages" VALUES('b2:ecc09bfa8f2865cde50ef5836d29c4e4','b2:ec1f15e0dee9acaa93f33f4302acbb25','user',NULL);
INSERT INTO "messages" VALUES('b2:9ef84aae2dfb241661740bdf503f1a3f','b2:ecc09bfa8f2865cde50ef5836d29c4e4','assistant',NULL);
INSERT INTO "messages" VALUES('b2:afea54c00bb80e515f72426a7a3966b9','b2:9ef84aae2dfb241661740bdf503f1a3f','user',NULL);
INSERT INTO "messages" VALUES('b2:99a5cdfa6b1be81ac32656acd8679da3','b2:afea54c00bb80e515f72426a7a3966b9','assistant',NULL);
INSERT INTO "messages" VALUES('b2:66924ec51ce2b90694f51409a8c466b2',NULL,'system',NULL);
INSERT INTO "messages" VALUES('b2:d3963f3436601c0430560a167ec7bb6a','b2:66924ec51ce2b90694f51409a8c466b2','user',NULL);
INSERT INTO "messages" VALUES('b2:949716446684213afa8e5f161c3ff64e','b2:d3963f3436601c0430560a167ec7bb6a','assistant',NULL);
INSERT INTO "messages" VALUES('b2:f8e24fdaf76708a4a2285f78a5ac2e6e','b2:949716446684213afa8e5f161c3ff64e','user',NULL);
INSERT INTO "messages" VALUES('b2:06a436fa6a75a3cba02b749c8e9a7ccb','b2:f8e24fdaf76708a4a2285f78a5ac2e6e','assistant',NULL);
INSERT INTO "messages" VALUES('b2:587d836b71133733382de0e5fafcff7a',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:05799067d93e42db64846a4e2fc0ad16','b2:587d836b71133733382de0e5fafcff7a','assistant',NULL);
INSERT INTO "messages" VALUES('b2:098f2b8f2734bf6c44462d6af5d8e716','b2:05799067d93e42db64846a4e2fc0ad16','tool',NULL);
INSERT INTO "messages" VALUES('b2:0d81940ccac825a621fd7591be9fc752','b2:098f2b8f2734bf6c44462d6af5d8e716','assistant',NULL);
INSERT INTO "messages" VALUES('b2:6ee1157ea8261ac0fa4a1f10987ac6fe','b2:0d81940ccac825a621fd7591be9fc752','user',NULL);
INSERT INTO "messages" VALUES('b2:947b5fdea52ca3afbc8165d6a890fdc7','b2:6ee1157ea8261ac0fa4a1f10987ac6fe','assistant',NULL);
INSERT INTO "messages" VALUES('b2:3c3cdd29e93ae77569ecf1613685404e',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:46aeb5c18fb01fd9becabea271374108','b2:3c3cdd29e93ae77569ecf1613685404e','assistant',NULL);
INSERT INTO "messages" VALUES('b2:de673b9c4c9cdf19548ab03f1916afdc','b2:46aeb5c18fb01fd9becabea271374108','user',NULL);
INSERT INTO "messages" VALUES('b2:d01deb5e89ecaa8a8964649307d4d894','b2:de673b9c4c9cdf19548ab03f1916afdc','assistant',NULL);
INSERT INTO "messages" VALUES('b2:5dff0719dc8f9ac734e5cfe370ac740e',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:1c09ffa2b2d9d1e84d4de236016c850e','b2:5dff0719dc8f9ac734e5cfe370ac740e','assistant',NULL);
CREATE TABLE "part_attachments" (
   "part_id" INTEGER REFERENCES "parts"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("part_id", "attachment_id", "order")
);
CREATE TABLE "part_fragments" (
   "part_id" INTEGER REFERENCES "parts"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("part_id", "fragment_id", "order")
);
CREATE TABLE "parts" (
   "id" INTEGER PRIMARY KEY,
   "message_hash" TEXT REFERENCES "messages"("hash"),
   "position" INTEGER,
   "type" TEXT,
   "tool_name" TEXT,
   "text" TEXT,
   "payload" TEXT
);
INSERT INTO "parts" VALUES(1,'b2:753f9569864763c63f6d1e08aa7e068e',0,'text',NULL,'think',NULL);
INSERT INTO "parts" VALUES(2,'b2:d8b5b3ade2bd258a578ab455a1c28512',0,'text',NULL,'You said: think',NULL);
INSERT INTO "parts" VALUES(3,'b2:b54ac1b96855228ed07934948eafedad',0,'text',NULL,'think again',NULL);
INSERT INTO "parts" VALUES(4,'b2:9b44f91ae856eb841353418eaf4a7d33',0,'reasoning',NULL,'Let me think.',NULL);
INSERT INTO "parts" VALUES(5,'b2:9b44f91ae856eb841353418eaf4a7d33',1,'text',NULL,'Thought about it.',NULL);
INSERT INTO "parts" VALUES(6,'b2:20707d600a054a5ccdf13c35042960d8',0,'text',NULL,'Be short.',NULL);
INSERT INTO "parts" VALUES(7,'b2:2dc5cd6abeb3342c41301bcc26d7faea',0,'text',NULL,'plain one',NULL);
INSERT INTO "parts" VALUES(8,'b2:0aba72b01de2042294040769d8145056',0,'text',NULL,'You said: plain one',NULL);
INSERT INTO "parts" VALUES(9,'b2:ec1f15e0dee9acaa93f33f4302acbb25',0,'text',NULL,'Be long.',NULL);
INSERT INTO "parts" VALUES(10,'b2:ecc09bfa8f2865cde50ef5836d29c4e4',0,'text',NULL,'plain two',NULL);
INSERT INTO "parts" VALUES(11,'b2:9ef84aae2dfb241661740bdf503f1a3f',0,'text',NULL,'You said: plain two',NULL);
INSERT INTO "parts" VALUES(12,'b2:afea54c00bb80e515f72426a7a3966b9',0,'text',NULL,'more n one',NULL);
INSERT INTO "parts" VALUES(13,'b2:99a5cdfa6b1be81ac32656acd8679da3',0,'text',NULL,'You said: more n one',NULL);
INSERT INTO "parts" VALUES(14,'b2:66924ec51ce2b90694f51409a8c466b2',0,'text',NULL,'Always rhyme.

Be kind.',NULL);
INSERT INTO "parts" VALUES(15,'b2:d3963f3436601c0430560a167ec7bb6a',0,'text',NULL,'It was a dark night.
with a fragment',NULL);
INSERT INTO "parts" VALUES(16,'b2:949716446684213afa8e5f161c3ff64e',0,'text',NULL,'You said: with a fragment',NULL);
INSERT INTO "parts" VALUES(17,'b2:f8e24fdaf76708a4a2285f78a5ac2e6e',0,'text',NULL,'more gment',NULL);
INSERT INTO "parts" VALUES(18,'b2:06a436fa6a75a3cba02b749c8e9a7ccb',0,'text',NULL,'You said: more gment',NULL);
INSERT INTO "parts" VALUES(19,'b2:587d836b71133733382de0e5fafcff7a',0,'text',NULL,'use the tool',NULL);
INSERT INTO "parts" VALUES(20,'b2:05799067d93e42db64846a4e2fc0ad16',0,'text',NULL,'Looking. ',NULL);
INSERT INTO "parts" VALUES(21,'b2:05799067d93e42db64846a4e2fc0ad16',1,'tool_call','look',NULL,'{"name": "look", "arguments": {"place": "Bern"}, "tool_call_id": "call-1"}');
INSERT INTO "parts" VALUES(22,'b2:098f2b8f2734bf6c44462d6af5d8e716',0,'tool_result','look',NULL,'{"name": "look", "output": "Bern is sunny", "tool_call_id": "call-1"}');
INSERT INTO "parts" VALUES(23,'b2:0d81940ccac825a621fd7591be9fc752',0,'text',NULL,'Found: Bern is sunny',NULL);
INSERT INTO "parts" VALUES(24,'b2:6ee1157ea8261ac0fa4a1f10987ac6fe',0,'text',NULL,'more  tool',NULL);
INSERT INTO "parts" VALUES(25,'b2:947b5fdea52ca3afbc8165d6a890fdc7',0,'text',NULL,'You said: more  tool',NULL);
INSERT INTO "parts" VALUES(26,'b2:3c3cdd29e93ae77569ecf1613685404e',0,'text',NULL,'with a picture',NULL);
INSERT INTO "parts" VALUES(27,'b2:46aeb5c18fb01fd9becabea271374108',0,'text',NULL,'You said: with a picture',NULL);
INSERT INTO "parts" VALUES(28,'b2:de673b9c4c9cdf19548ab03f1916afdc',0,'text',NULL,'more cture',NULL);
INSERT INTO "parts" VALUES(29,'b2:d01deb5e89ecaa8a8964649307d4d894',0,'text',NULL,'You said: more cture',NULL);
INSERT INTO "parts" VALUES(30,'b2:5dff0719dc8f9ac734e5cfe370ac740e',0,'text',NULL,'a new one',NULL);
INSERT INTO "parts" VALUES(31,'b2:1c09ffa2b2d9d1e84d4de236016c850e',0,'text',NULL,'You said: a new one',NULL);
CREATE TABLE "prompt_attachments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "attachment_id")
);
INSERT INTO "prompt_attachments" VALUES('01m8bk91da8kpdds42w1n6tk0w','4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6',0);
CREATE TABLE "prompt_fragments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "fragment_id", "order")
);
INSERT INTO "prompt_fragments" VALUES('01m8bk917ne29z70cemcpjq5t6',1,0);
CREATE TABLE "responses" (
   "id" TEXT PRIMARY KEY,
   "model" TEXT,
   "prompt" TEXT,
   "system" TEXT,
   "prompt_json" TEXT,
   "options_json" TEXT,
   "response" TEXT,
   "response_json" TEXT,
   "conversation_id" TEXT REFERENCES "conversations"("id"),
   "duration_ms" INTEGER,
   "datetime_utc" TEXT,
   "input_tokens" INTEGER,
   "output_tokens" INTEGER,
   "token_details" TEXT,
   "schema_id" TEXT REFERENCES "schemas"("id")
, "resolved_model" TEXT, "reasoning" TEXT);
INSERT INTO "responses" VALUES('01m8bk915kyf1v8b0g8xa8ctbn','echo','plain one','Be short.',NULL,'{"warmth": 0.5}','You said: plain one',NULL,'01m8bk915m9f6p25f1a4e8javs',0,'2026-11-26T09:34:07.540024+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk916wwn9r2m9zg9rs9kgd','echo','plain two','Be long.',NULL,'{}','You said: plain two',NULL,'01m8bk915m9f6p25f1a4e8javs',0,'2026-11-26T09:34:07.580151+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk917ne29z70cemcpjq5t6','echo','with a fragment','Be kind.',NULL,'{}','You said: with a fragment',NULL,'01m8bk917ne29z70cemcpjq5t7',0,'2026-11-26T09:34:07.605095+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk919pmseth7wbpfrc0n5n','echo','use the tool',NULL,NULL,'{}','Looking. ',NULL,'01m8bk919nt6ngx9zmpectesh2',0,'2026-11-26T09:34:07.670999+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk919qahfgrrn1fjrn6883','echo','',NULL,NULL,'{}','Found: Bern is sunny',NULL,'01m8bk919nt6ngx9zmpectesh2',0,'2026-11-26T09:34:07.671048+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk91da8kpdds42w1n6tk0w','echo','with a picture',NULL,NULL,'{}','You said: with a picture',NULL,'01m8bk91db65xp4yqg5za8hax1',0,'2026-11-26T09:34:07.786996+00:00',3,4,NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk91f7jqtgpcae646sdqc9','echo','a name',NULL,NULL,'{}','You said: a name',NULL,'01m8bk91f8r1y3wq1xwtjes45p',0,'2026-11-26T09:34:07.847919+00:00',3,4,NULL,'480484e4bbf53e5e5f0a65b753270ae7',NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk91gts082naa50816fr5h','echo','think',NULL,NULL,'{}','You said: think',NULL,'01m8bk91gts082naa50816fr5j',0,'2026-11-26T09:34:07.898329+00:00',3,4,NULL,NULL,NULL,NULL);
CREATE TABLE "schemas" (
   "id" TEXT PRIMARY KEY,
   "content" TEXT
);
INSERT INTO "schemas" VALUES('480484e4bbf53e5e5f0a65b753270ae7','{"type":"object","properties":{"name":{"type":"string","description":"the name"}},"required":["name"]}');
CREATE TABLE "system_fragments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "fragment_id", "order")
);
INSERT INTO "system_fragments" VALUES('01m8bk917ne29z70cemcpjq5t6',2,0);
CREATE TABLE "threads" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT,
   "tip_message_hash" TEXT REFERENCES "messages"("hash"),
   "forked_from" TEXT REFERENCES "threads"("id"),
   "datetime_utc" TEXT
);
INSERT INTO "threads" VALUES('01m8bk91gts082naa50816fr5j','think again','b2:9b44f91ae856eb841353418eaf4a7d33',NULL,'2026-11-26 09:34:12.752740+00:00');
INSERT INTO "threads" VALUES('01m8bk915m9f6p25f1a4e8javs','more n one','b2:99a5cdfa6b1be81ac32656acd8679da3',NULL,'2026-11-26 09:34:12.778461+00:00');
INSERT INTO "threads" VALUES('01m8bk917ne29z70cemcpjq5t7','more gment','b2:06a436fa6a75a3cba02b749c8e9a7ccb',NULL,'2026-11-26 09:34:12.808696+00:00');
INSERT INTO "threads" VALUES('01m8bk919nt6ngx9zmpectesh2','more tool','b2:947b5fdea52ca3afbc8165d6a890fdc7',NULL,'2026-11-26 09:34:12.829807+00:00');
INSERT INTO "threads" VALUES('01m8bk91db65xp4yqg5za8hax1','more cture','b2:d01deb5e89ecaa8a8964649307d4d894',NULL,'2026-11-26 09:34:12.848700+00:00');
INSERT INTO "threads" VALUES('01m8bk96c1rh2j553mehm12w7t','a new one','b2:1c09ffa2b2d9d1e84d4de236016c850e',NULL,'2026-11-26 09:34:12.872465+00:00');
CREATE TABLE "tool_calls" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "arguments" TEXT,
   "tool_call_id" TEXT
);
INSERT INTO "tool_calls" VALUES(1,'01m8bk919pmseth7wbpfrc0n5n',1,'look','{"place": "Bern"}','call-1');
CREATE TABLE "tool_instances" (
   "id" INTEGER PRIMARY KEY,
   "plugin" TEXT,
   "name" TEXT,
   "arguments" TEXT
);
CREATE TABLE "tool_instantiations" (
   "turn_id" TEXT REFERENCES "turns"("id"),
   "tool_call_id" TEXT,
   "instance_id" INTEGER REFERENCES "tool_instances"("id"),
   PRIMARY KEY ("turn_id", "tool_call_id")
);
CREATE TABLE "tool_responses" (
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "response_id" TEXT REFERENCES "responses"("id"),
   PRIMARY KEY ("tool_id", "response_id")
);
INSERT INTO "tool_responses" VALUES(1,'01m8bk919pmseth7wbpfrc0n5n');
INSERT INTO "tool_responses" VALUES(1,'01m8bk919qahfgrrn1fjrn6883');
CREATE TABLE "tool_results" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "output" TEXT,
   "tool_call_id" TEXT,
   "instance_id" INTEGER REFERENCES "tool_instances"("id")
, "exception" TEXT);
INSERT INTO "tool_results" VALUES(1,'01m8bk919qahfgrrn1fjrn6883',1,'look','Bern is sunny','call-1',NULL,NULL);
CREATE TABLE "tool_results_attachments" (
   "tool_result_id" INTEGER REFERENCES "tool_results"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("tool_result_id", "attachment_id")
);
CREATE TABLE "tools" (
   "id" INTEGER PRIMARY KEY,
   "hash" TEXT,
   "name" TEXT,
   "description" TEXT,
   "input_schema" TEXT
, "plugin" TEXT);
INSERT INTO "tools" VALUES(1,'97a77e65c5f93e864796a121d29f2e148f340981a04dd9bc212e11fd1bea67ad','look',NULL,'{"properties": {"place": {"type": "string"}}, "required": ["place"], "type": "object"}',NULL);
CREATE TABLE "turn_fragments" (
   "turn_id" TEXT REFERENCES "turns"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   "kind" TEXT,
   PRIMARY KEY ("turn_id", "fragment_id", "kind", "order")
);
CREATE TABLE "turn_search" (
   "id" INTEGER PRIMARY KEY,
   "turn_id" TEXT REFERENCES "turns"("id"),
   "prompt" TEXT,
   "response" TEXT
);
INSERT INTO "turn_search" VALUES(1,'01m8bk968gh4jcts68x2pyzkm8','think again','Thought about it.');
INSERT INTO "turn_search" VALUES(2,'01m8bk969a1zc4j7tj1vqx15nj','more n one','You said: more n one');
INSERT INTO "turn_search" VALUES(3,'01m8bk96a84hmc641j3a17y261','more gment','You said: more gment');
INSERT INTO "turn_search" VALUES(4,'01m8bk96axm7az50mvhrmes0d1','more  tool','You said: more  tool');
INSERT INTO "turn_search" VALUES(5,'01m8bk96bgnpbbbqwzqqyg6spg','more cture','You said: more cture');
INSERT INTO "turn_search" VALUES(6,'01m8bk96c8qgs20yweh9r6pcy3','a new one','You said: a new one');
CREATE TABLE "turn_tools" (
   "turn_id" TEXT REFERENCES "turns"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "instance_id" INTEGER REFERENCES "tool_instances"("id"),
   PRIMARY KEY ("turn_id", "tool_id")
);
CREATE TABLE "turns" (
   "id" TEXT PRIMARY KEY,
   "thread_id" TEXT REFERENCES "threads"("id"),
   "parent_message_hash" TEXT REFERENCES "messages"("hash"),
   "tip_message_hash" TEXT REFERENCES "messages"("hash"),
   "model" TEXT,
   "resolved_model" TEXT,
   "options_json" TEXT,
   "schema_id" TEXT REFERENCES "schemas"("id"),
   "input_tokens" INTEGER,
   "output_tokens" INTEGER,
   "token_details" TEXT,
   "duration_ms" INTEGER,
   "datetime_utc" TEXT
, "response_json" TEXT);
INSERT INTO "turns" VALUES('01m8bk968gh4jcts68x2pyzkm8','01m8bk91gts082naa50816fr5j','b2:b54ac1b96855228ed07934948eafedad','b2:9b44f91ae856eb841353418eaf4a7d33','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.752209+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk969a1zc4j7tj1vqx15nj','01m8bk915m9f6p25f1a4e8javs','b2:afea54c00bb80e515f72426a7a3966b9','b2:99a5cdfa6b1be81ac32656acd8679da3','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.778143+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk96a84hmc641j3a17y261','01m8bk917ne29z70cemcpjq5t7','b2:f8e24fdaf76708a4a2285f78a5ac2e6e','b2:06a436fa6a75a3cba02b749c8e9a7ccb','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.808281+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk96axm7az50mvhrmes0d1','01m8bk919nt6ngx9zmpectesh2','b2:6ee1157ea8261ac0fa4a1f10987ac6fe','b2:947b5fdea52ca3afbc8165d6a890fdc7','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.829528+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk96bgnpbbbqwzqqyg6spg','01m8bk91db65xp4yqg5za8hax1','b2:de673b9c4c9cdf19548ab03f1916afdc','b2:d01deb5e89ecaa8a8964649307d4d894','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.848434+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk96c8qgs20yweh9r6pcy3','01m8bk96c1rh2j553mehm12w7t','b2:5dff0719dc8f9ac734e5cfe370ac740e','b2:1c09ffa2b2d9d1e84d4de236016c850e','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:12.872165+00:00',NULL);
CREATE UNIQUE INDEX "idx_fragments_hash"
    ON "fragments" ("hash");
CREATE UNIQUE INDEX "idx_tools_hash"
    ON "tools" ("hash");
CREATE INDEX "idx_messages_parent_hash"
    ON "messages" ("parent_hash");
CREATE UNIQUE INDEX "idx_parts_message_hash_position"
    ON "parts" ("message_hash", "position");
CREATE INDEX "idx_part_fragments_fragment_id"
    ON "part_fragments" ("fragment_id");
CREATE INDEX "idx_turns_thread_id"
    ON "turns" ("thread_id");
CREATE INDEX "idx_turn_fragments_fragment_id"
    ON "turn_fragments" ("fragment_id");
CREATE UNIQUE INDEX "idx_turn_search_turn_id"
    ON "turn_search" ("turn_id");
COMMIT;
