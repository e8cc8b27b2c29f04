BEGIN TRANSACTION;
CREATE TABLE "_llm_migrations" (
   "name" TEXT PRIMARY KEY,
   "applied_at" TEXT
);
INSERT INTO "_llm_migrations" VALUES('m001_initial','2026-11-26 09:34:09.127478+00:00');
INSERT INTO "_llm_migrations" VALUES('m002_id_primary_key','2026-11-26 09:34:09.155999+00:00');
INSERT INTO "_llm_migrations" VALUES('m003_chat_id_foreign_key','2026-11-26 09:34:09.227655+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_column_order','2026-11-26 09:34:09.259508+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_drop_provider','2026-11-26 09:34:09.295740+00:00');
INSERT INTO "_llm_migrations" VALUES('m005_debug','2026-11-26 09:34:09.339535+00:00');
INSERT INTO "_llm_migrations" VALUES('m006_new_logs_table','2026-11-26 09:34:09.435810+00:00');
INSERT INTO "_llm_migrations" VALUES('m007_finish_logs_table','2026-11-26 09:34:09.483580+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_reply_to_id_foreign_key','2026-11-26 09:34:09.543689+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_fix_column_order_in_logs','2026-11-26 09:34:09.591563+00:00');
INSERT INTO "_llm_migrations" VALUES('m009_delete_logs_table_if_empty','2026-11-26 09:34:09.623549+00:00');
INSERT INTO "_llm_migrations" VALUES('m010_create_new_log_tables','2026-11-26 09:34:09.667479+00:00');
INSERT INTO "_llm_migrations" VALUES('m012_attachments_tables','2026-11-26 09:34:09.797441+00:00');
INSERT INTO "_llm_migrations" VALUES('m013_usage','2026-11-26 09:34:09.855583+00:00');
INSERT INTO "_llm_migrations" VALUES('m014_schemas','2026-11-26 09:34:10.063501+00:00');
INSERT INTO "_llm_migrations" VALUES('m015_fragments_tables','2026-11-26 09:34:10.163504+00:00');
INSERT INTO "_llm_migrations" VALUES('m016_fragments_table_pks','2026-11-26 09:34:10.215512+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_tables','2026-11-26 09:34:10.310331+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_plugin','2026-11-26 09:34:10.338177+00:00');
INSERT INTO "_llm_migrations" VALUES('m018_tool_instances','2026-11-26 09:34:10.417676+00:00');
INSERT INTO "_llm_migrations" VALUES('m019_resolved_model','2026-11-26 09:34:10.451587+00:00');
INSERT INTO "_llm_migrations" VALUES('m020_tool_results_attachments','2026-11-26 09:34:10.477428+00:00');
INSERT INTO "_llm_migrations" VALUES('m021_tool_results_exception','2026-11-26 09:34:10.507586+00:00');
INSERT INTO "_llm_migrations" VALUES('m022_response_reasoning','2026-11-26 09:34:10.537922+00:00');
INSERT INTO "_llm_migrations" VALUES('m023_message_store','2026-11-26 09:34:10.911492+00:00');
INSERT INTO "_llm_migrations" VALUES('m024_tool_instance_references','2026-11-26 09:34:11.077815+00:00');
INSERT INTO "_llm_migrations" VALUES('m025_turn_tools_instance_backfill','2026-11-26 09:34:11.095637+00:00');
INSERT INTO "_llm_migrations" VALUES('m026_message_tree_view','2026-11-26 09:34:11.127746+00:00');
INSERT INTO "_llm_migrations" VALUES('m027_turns_response_json','2026-11-26 09:34:11.159590+00:00');
CREATE TABLE "attachments" (
   "id" TEXT PRIMARY KEY,
   "type" TEXT,
   "path" TEXT,
   "url" TEXT,
   "content" BLOB
);
INSERT INTO "attachments" VALUES('4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6','image/png','/home/me/0.36/sky.png',NULL,NULL);
CREATE TABLE "conversations" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT,
   "model" TEXT
);
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
INSERT INTO "fragments" VALUES(1,'083f3c0fe753704926c281bbe65f1a87d64a3ddca7cc2c8acd1add7107a44757','It was a dark night.','2026-11-26 09:34:11','/home/me/0.36/novel.txt');
INSERT INTO "fragments" VALUES(2,'514d1441ab8fb52369265eecb1907cda71aed1a114aa51e331eb1d7a7441c1d0','Always rhyme.','2026-11-26 09:34:11','/home/me/0.36/rules.txt');
CREATE TABLE "messages" (
   "hash" TEXT PRIMARY KEY,
   "parent_hash" TEXT REFERENCES "messages"("hash"),
   "role" TEXT,
   "provider_metadata" TEXT
);
INSERT INTO "messages" VALUES('b2:20707d600a054a5ccdf13c35042960d8',NULL,'system',NULL);
INSERT INTO "messages" VALUES('b2:2dc5cd6abeb3342c41301bcc26d7faea','b2:20707d600a054a5ccdf13c35042960d8','user',NULL);
INSERT INTO "messages" VALUES('b2:0aba72b01de2042294040769d8145056','b2:2dc5cd6abeb3342c41301bcc26d7faea','assistant',NULL);
INSERT INTO "messages" VALUES('b2:84631fe692e4cd0161075bc59a260a83','b2:0aba72b01de2042294040769d8145056','user',NULL);
INSERT INTO "messages" VALUES('b2:45e6868d8b70f193997167945a41e690','b2:84631fe692e4cd0161075bc59a260a83','assistant',NULL);
INSERT INTO "messages" VALUES('b2:66924ec51ce2b90694f51409a8c466b2',NULL,'system',NULL);
INSERT INTO "messages" VALUES('b2:d3963f3436601c0430560a167ec7bb6a','b2:66924ec51ce2b90694f51409a8c466b2','user',NULL);
INSERT INTO "messages" VALUES('b2:949716446684213afa8e5f161c3ff64e','b2:d3963f3436601c0430560a167ec7bb6a','assistant',NULL);
INSERT INTO "messages" VALUES('b2:587d836b71133733382de0e5fafcff7a',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:05799067d93e42db64846a4e2fc0ad16','b2:587d836b71133733382de0e5fafcff7a','assistant',NULL);
INSERT INTO "messages" VALUES('b2:098f2b8f2734bf6c44462d6af5d8e716','b2:05799067d93e42db64846a4e2fc0ad16','tool',NULL);
INSERT INTO "messages" VALUES('b2:0d81940ccac825a621fd7591be9fc752','b2:098f2b8f2734bf6c44462d6af5d8e716','assistant',NULL);
INSERT INTO "messages" VALUES('b2:e86d69b41eb39b490baad9c3b0e8d5fa',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:e29f6767aeac985d051f96ef537e6c75','b2:e86d69b41eb39b490baad9c3b0e8d5fa','assistant',NULL);
INSERT INTO "messages" VALUES('b2:a5bde5defa7d7e334d20e26ca4a7d048',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:0724b991c365ed748046d7fd0a388d9e','b2:a5bde5defa7d7e334d20e26ca4a7d048','assistant',NULL);
INSERT INTO "messages" VALUES('b2:753f9569864763c63f6d1e08aa7e068e',NULL,'user',NULL);
INSERT INTO "messages" VALUES('b2:18e6ac64c1db152f2fb882001a1b00f4','b2:753f9569864763c63f6d1e08aa7e068e','assistant',NULL);
CREATE TABLE "part_attachments" (
   "part_id" INTEGER REFERENCES "parts"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("part_id", "attachment_id", "order")
);
INSERT INTO "part_attachments" VALUES(15,'4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6',0);
CREATE TABLE "part_fragments" (
   "part_id" INTEGER REFERENCES "parts"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("part_id", "fragment_id", "order")
);
INSERT INTO "part_fragments" VALUES(6,2,0);
INSERT INTO "part_fragments" VALUES(7,1,0);
CREATE TABLE "parts" (
   "id" INTEGER PRIMARY KEY,
   "message_hash" TEXT REFERENCES "messages"("hash"),
   "position" INTEGER,
   "type" TEXT,
   "tool_name" TEXT,
   "text" TEXT,
   "payload" TEXT
);
INSERT INTO "parts" VALUES(1,'b2:20707d600a054a5ccdf13c35042960d8',0,'text',NULL,'Be short.',NULL);
INSERT INTO "parts" VALUES(2,'b2:2dc5cd6abeb3342c41301bcc26d7faea',0,'text',NULL,'plain one',NULL);
INSERT INTO "parts" VALUES(3,'b2:0aba72b01de2042294040769d8145056',0,'text',NULL,'You said: plain one',NULL);
INSERT INTO "parts" VALUES(4,'b2:84631fe692e4cd0161075bc59a260a83',0,'text',NULL,'plain two',NULL);
INSERT INTO "parts" VALUES(5,'b2:45e6868d8b70f193997167945a41e690',0,'text',NULL,'You said: plain two',NULL);
INSERT INTO "parts" VALUES(6,'b2:66924ec51ce2b90694f51409a8c466b2',0,'text',NULL,NULL,'{"text_ref": [{"fragment": 2}, {"literal": "\n\nBe kind."}]}');
INSERT INTO "parts" VALUES(7,'b2:d3963f3436601c0430560a167ec7bb6a',0,'text',NULL,NULL,'{"text_ref": [{"fragment": 1}, {"literal": "\nwith a fragment"}]}');
INSERT INTO "parts" VALUES(8,'b2:949716446684213afa8e5f161c3ff64e',0,'text',NULL,'You said: with a fragment',NULL);
INSERT INTO "parts" VALUES(9,'b2:587d836b71133733382de0e5fafcff7a',0,'text',NULL,'use the tool',NULL);
INSERT INTO "parts" VALUES(10,'b2:05799067d93e42db64846a4e2fc0ad16',0,'text',NULL,'Looking. ',NULL);
INSERT INTO "parts" VALUES(11,'b2:05799067d93e42db64846a4e2fc0ad16',1,'tool_call','look',NULL,'{"name": "look", "arguments": {"place": "Bern"}, "tool_call_id": "call-1"}');
INSERT INTO "parts" VALUES(12,'b2:098f2b8f2734bf6c44462d6af5d8e716',0,'tool_result','look',NULL,'{"name": "look", "output": "Bern is sunny", "tool_call_id": "call-1"}');
INSERT INTO "parts" VALUES(13,'b2:0d81940ccac825a621fd7591be9fc752',0,'text',NULL,'Found: Bern is sunny',NULL);
INSERT INTO "parts" VALUES(14,'b2:e86d69b41eb39b490baad9c3b0e8d5fa',0,'text',NULL,'with a picture',NULL);
INSERT INTO "parts" VALUES(15,'b2:e86d69b41eb39b490baad9c3b0e8d5fa',1,'attachment',NULL,NULL,'{"attachment": {"id": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"}}');
INSERT INTO "parts" VALUES(16,'b2:e29f6767aeac985d051f96ef537e6c75',0,'text',NULL,'You said: with a picture',NULL);
INSERT INTO "parts" VALUES(17,'b2:a5bde5defa7d7e334d20e26ca4a7d048',0,'text',NULL,'a name',NULL);
INSERT INTO "parts" VALUES(18,'b2:0724b991c365ed748046d7fd0a388d9e',0,'text',NULL,'You said: a name',NULL);
INSERT INTO "parts" VALUES(19,'b2:753f9569864763c63f6d1e08aa7e068e',0,'text',NULL,'think',NULL);
INSERT INTO "parts" VALUES(20,'b2:18e6ac64c1db152f2fb882001a1b00f4',0,'reasoning',NULL,'Let me think.',NULL);
INSERT INTO "parts" VALUES(21,'b2:18e6ac64c1db152f2fb882001a1b00f4',1,'text',NULL,'Thought about it.',NULL);
CREATE TABLE "prompt_attachments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "attachment_id")
);
CREATE TABLE "prompt_fragments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "fragment_id", "order")
);
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
CREATE TABLE "threads" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT,
   "tip_message_hash" TEXT REFERENCES "messages"("hash"),
   "forked_from" TEXT REFERENCES "threads"("id"),
   "datetime_utc" TEXT
);
INSERT INTO "threads" VALUES('01m8bk94qs8mdm9fpf7fxzh01z','plain one','b2:45e6868d8b70f193997167945a41e690',NULL,'2026-11-26 09:34:11.195017+00:00');
INSERT INTO "threads" VALUES('01m8bk94sa3bgzp2v9cjvp0hqg','It was a dark night. with a fra…','b2:949716446684213afa8e5f161c3ff64e',NULL,'2026-11-26 09:34:11.244396+00:00');
INSERT INTO "threads" VALUES('01m8bk94t17j0743c5b5849kya','use the tool','b2:0d81940ccac825a621fd7591be9fc752',NULL,'2026-11-26 09:34:11.268030+00:00');
INSERT INTO "threads" VALUES('01m8bk94v5gndsecbf46qddr5z','with a picture','b2:e29f6767aeac985d051f96ef537e6c75',NULL,'2026-11-26 09:34:11.302572+00:00');
INSERT INTO "threads" VALUES('01m8bk94w5fe3qaj7twt5hzk8g','a name','b2:0724b991c365ed748046d7fd0a388d9e',NULL,'2026-11-26 09:34:11.335436+00:00');
INSERT INTO "threads" VALUES('01m8bk94x1hd3q1yj08crb8tyz','think','b2:18e6ac64c1db152f2fb882001a1b00f4',NULL,'2026-11-26 09:34:11.362858+00:00');
CREATE TABLE "tool_calls" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "arguments" TEXT,
   "tool_call_id" TEXT
);
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
CREATE TABLE "tool_results" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "output" TEXT,
   "tool_call_id" TEXT,
   "instance_id" INTEGER REFERENCES "tool_instances"("id")
, "exception" TEXT);
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
INSERT INTO "turn_fragments" VALUES('01m8bk94scpbdck1m0t3kmwaea',1,0,'prompt');
INSERT INTO "turn_fragments" VALUES('01m8bk94scpbdck1m0t3kmwaea',2,0,'system');
CREATE TABLE "turn_search" (
   "id" INTEGER PRIMARY KEY,
   "turn_id" TEXT REFERENCES "turns"("id"),
   "prompt" TEXT,
   "response" TEXT
);
INSERT INTO "turn_search" VALUES(1,'01m8bk94qtf4hxr8qwqmxsf0vt','plain one','You said: plain one');
INSERT INTO "turn_search" VALUES(2,'01m8bk94rtw4cdhzgsew3wcwca','plain two','You said: plain two');
INSERT INTO "turn_search" VALUES(3,'01m8bk94scpbdck1m0t3kmwaea','
with a fragment','You said: with a fragment');
INSERT INTO "turn_search" VALUES(4,'01m8bk94t3tzwazbkj7jy2e1e5','use the tool','Looking. ');
INSERT INTO "turn_search" VALUES(5,'01m8bk94t3tzwazbkj7jy2e1e6','','Found: Bern is sunny');
INSERT INTO "turn_search" VALUES(6,'01m8bk94v6wj59r08vgkqx5dnt','with a picture','You said: with a picture');
INSERT INTO "turn_search" VALUES(7,'01m8bk94w6qsxrqjq8y21n09hs','a name','You said: a name');
INSERT INTO "turn_search" VALUES(8,'01m8bk94x28bagj9jbwphvg0ta','think','Thought about it.');
CREATE TABLE "turn_tools" (
   "turn_id" TEXT REFERENCES "turns"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "instance_id" INTEGER REFERENCES "tool_instances"("id"),
   PRIMARY KEY ("turn_id", "tool_id")
);
INSERT INTO "turn_tools" VALUES('01m8bk94t3tzwazbkj7jy2e1e5',1,NULL);
INSERT INTO "turn_tools" VALUES('01m8bk94t3tzwazbkj7jy2e1e6',1,NULL);
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
INSERT INTO "turns" VALUES('01m8bk94qtf4hxr8qwqmxsf0vt','01m8bk94qs8mdm9fpf7fxzh01z','b2:2dc5cd6abeb3342c41301bcc26d7faea','b2:0aba72b01de2042294040769d8145056','echo',NULL,'{"warmth": 0.5}',NULL,3,4,NULL,0,'2026-11-26T09:34:11.194512+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94rtw4cdhzgsew3wcwca','01m8bk94qs8mdm9fpf7fxzh01z','b2:84631fe692e4cd0161075bc59a260a83','b2:45e6868d8b70f193997167945a41e690','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.226631+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94scpbdck1m0t3kmwaea','01m8bk94sa3bgzp2v9cjvp0hqg','b2:d3963f3436601c0430560a167ec7bb6a','b2:949716446684213afa8e5f161c3ff64e','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.244089+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94t3tzwazbkj7jy2e1e5','01m8bk94t17j0743c5b5849kya','b2:587d836b71133733382de0e5fafcff7a','b2:05799067d93e42db64846a4e2fc0ad16','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.267373+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94t3tzwazbkj7jy2e1e6','01m8bk94t17j0743c5b5849kya','b2:098f2b8f2734bf6c44462d6af5d8e716','b2:0d81940ccac825a621fd7591be9fc752','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.267502+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94v6wj59r08vgkqx5dnt','01m8bk94v5gndsecbf46qddr5z','b2:e86d69b41eb39b490baad9c3b0e8d5fa','b2:e29f6767aeac985d051f96ef537e6c75','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.302281+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94w6qsxrqjq8y21n09hs','01m8bk94w5fe3qaj7twt5hzk8g','b2:a5bde5defa7d7e334d20e26ca4a7d048','b2:0724b991c365ed748046d7fd0a388d9e','echo',NULL,NULL,'480484e4bbf53e5e5f0a65b753270ae7',3,4,NULL,0,'2026-11-26T09:34:11.335039+00:00',NULL);
INSERT INTO "turns" VALUES('01m8bk94x28bagj9jbwphvg0ta','01m8bk94x1hd3q1yj08crb8tyz','b2:753f9569864763c63f6d1e08aa7e068e','b2:18e6ac64c1db152f2fb882001a1b00f4','echo',NULL,NULL,NULL,3,4,NULL,0,'2026-11-26T09:34:11.362517+00:00',NULL);
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
